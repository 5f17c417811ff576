"""The doors of an event, for its organizers: passes, phones, rules, conflicts, and scans by file or on paper."""

from web.pages.organizer.doors import card, conflicts, doors, paper_list, passes, quarantine, scan_files, walk_ins

BLUEPRINTS = (
    card.pages,
    conflicts.pages,
    doors.pages,
    scan_files.pages,
    paper_list.pages,
    passes.pages,
    quarantine.pages,
    walk_ins.pages,
)
