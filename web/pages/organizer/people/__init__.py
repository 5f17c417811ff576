"""The attendees of an event, for its organizers: the list, each attendee's history, actions, imports and exports."""

from web.pages.organizer.people import acts, entry, exports, imports, listing, person, without_email

BLUEPRINTS = (
    acts.pages,
    entry.pages,
    exports.pages,
    imports.pages,
    listing.pages,
    person.pages,
    without_email.pages,
)
