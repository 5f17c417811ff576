"""Mailings to the attendees of an event: text, preview, test, sending, and the lists of people to call."""

from web.pages.organizer.mailings import acts, call_list, page, people, writing

BLUEPRINTS = (writing.pages, page.pages, acts.pages, people.pages, call_list.pages)
