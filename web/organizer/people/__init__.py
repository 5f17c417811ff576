"""The attendees of an event: the list, each attendee's history, actions, imports and exports."""
