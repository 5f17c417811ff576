"""What stands above the doors page after an act: a word in its address, made into a sentence."""

from collections.abc import Callable, Mapping

from flask import request

from shared.i18n import deferred, gettext, ngettext

SAID = {
    "added": deferred("doors.door_added"),
    "renamed": deferred("doors.door_renamed"),
    "closed": deferred("doors.door_closed"),
    "reopened": deferred("doors.door_reopened"),
    "rules": deferred("doors.rules_saved"),
    "made": deferred("doors.pass_created"),
    "renewed": deferred("doors.link_replaced"),
    "ended": deferred("doors.pass_revoked"),
    "revoked": deferred("doors.phone_revoked"),
    "revoked_and_renewed": deferred("doors.phone_revoked_link_replaced"),
    "allowed": deferred("doors.phone_allowed"),
    "quarantine_deleted": deferred("doors.quarantine_deleted"),
    "settled": deferred("doors.note_saved"),
    "opened": deferred("doors.note_deleted"),
    "merged": deferred("doors.counted_as_one"),
    "separated": deferred("doors.counted_as_two"),
}

ANSWERS: Mapping[str, Callable[[int], str]] = {
    "accepted": lambda n: ngettext("doors.scans_new", n),
    "replay": lambda n: ngettext("doors.scans_known", n),
    "conflict": lambda n: ngettext(
        "doors.scans_used_twice",
        n,
    ),
    "unknown": lambda n: ngettext(
        "doors.scans_not_on_list",
        n,
    ),
    "revoked": lambda n: ngettext(
        "doors.scans_after_revoking",
        n,
    ),
    "invalid": lambda n: ngettext(
        "doors.scans_invalid",
        n,
    ),
}
"""How many scans of a file got which answer, and what to do about it."""
TAKEN_IN = ("files", "quarantine_accepted")
"""After these the counts of the answers stand in the address."""
MOST = 10**6


def message() -> str:
    """The sentence, empty where nothing was done."""
    word = request.args.get("said", "")
    return _taken_in() if word in TAKEN_IN else gettext(SAID.get(word, ""))


def _taken_in() -> str:
    """What became of the scans in files: how many of each, and what to do."""
    counts = {name: min(max(request.args.get(name, 0, int), 0), MOST) for name in ANSWERS}
    said = [ANSWERS[name](count) for name, count in counts.items() if count]
    return " ".join(said) or gettext("doors.no_scans_found")
