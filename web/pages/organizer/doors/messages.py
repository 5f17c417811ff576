"""The message above the doors page after an action, from the result that its address names."""

from collections.abc import Callable, Mapping

from flask import request

from shared.i18n import deferred, gettext, ngettext
from shared.scans import ScanResult

RESULTS = {
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

SCAN_ANSWERS: Mapping[ScanResult, Callable[[int], str]] = {
    ScanResult.ACCEPTED: lambda n: ngettext("doors.scans_new", n),
    ScanResult.REPLAY: lambda n: ngettext("doors.scans_known", n),
    ScanResult.CONFLICT: lambda n: ngettext("doors.scans_used_twice", n),
    ScanResult.UNKNOWN: lambda n: ngettext("doors.scans_not_on_list", n),
    ScanResult.REVOKED: lambda n: ngettext("doors.scans_after_revoking", n),
    ScanResult.INVALID: lambda n: ngettext("doors.scans_invalid", n),
}
"""The sentence for each answer that a scan can get: it counts such scans and says how to proceed."""
WITH_COUNTS = ("files", "quarantine_accepted")
"""Results after which the address also carries a count for each answer."""
COUNT_LIMIT = 10**6


def message() -> str:
    """Return the message, empty where the address names no result."""
    result = request.args.get("said", "")
    return _scan_counts() if result in WITH_COUNTS else gettext(RESULTS.get(result, ""))


def _scan_counts() -> str:
    """Return a sentence for each answer that any of the imported scans got."""
    counts = {name: min(max(request.args.get(name, 0, int), 0), COUNT_LIMIT) for name in SCAN_ANSWERS}
    sentences = [SCAN_ANSWERS[name](count) for name, count in counts.items() if count]
    return " ".join(sentences) or gettext("doors.no_scans_found")
