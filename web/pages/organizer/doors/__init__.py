"""The doors of an event, for its organizers: passes, phones, rules, conflicts, and what comes in without a network."""

from web.pages.organizer.doors import card, conflicts, doors, hand_in, paper, passes, quarantine, walk_ins

BLUEPRINTS = (
    card.pages,
    conflicts.pages,
    doors.pages,
    hand_in.pages,
    paper.pages,
    passes.pages,
    quarantine.pages,
    walk_ins.pages,
)
