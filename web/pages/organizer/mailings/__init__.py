"""Writing to many people of an event: the text, the preview, the test, the sending, and whom it could not reach."""

from web.pages.organizer.mailings import acts, call_list, page, people, writing

BLUEPRINTS = (writing.pages, page.pages, acts.pages, people.pages, call_list.pages)
