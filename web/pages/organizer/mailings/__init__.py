"""Writing to many people of an event: the text, the preview, the test, the sending, and whom it could not reach."""

from web.pages.organizer.mailings import acts, page, people, unreached, writing

BLUEPRINTS = (writing.pages, page.pages, acts.pages, people.pages, unreached.pages)
