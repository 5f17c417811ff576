"""What stands above the doors page after an act: a word in its address, made into a sentence."""

from collections.abc import Callable, Mapping

from flask import request

from shared.i18n import deferred, gettext, ngettext

SAID = {
    "added": deferred("The door is there. Make a code for its phones."),
    "renamed": deferred("The door has its new name. Phones learn it by themselves."),
    "closed": deferred("The door is closed: nobody pairs a phone with it."),
    "reopened": deferred("The door is open again, with the codes that it had."),
    "rules": deferred("The rules are saved. Phones learn them by themselves."),
    "made": deferred("The code is ready."),
    "renewed": deferred("This is the new link. The old one pairs no phone any more."),
    "ended": deferred("The pass has ended. Its phones show no names any more; what they scanned is still taken in."),
    "revoked": deferred("The phone is revoked: what it hands in from now on counts once you accept it."),
    "revoked_and_renewed": deferred(
        "The phone is revoked: what it hands in from now on counts once you accept it. Its door has a new link."
    ),
    "allowed": deferred("The phone may pair again, with a door pass that works."),
    "quarantine_deleted": deferred("What this phone had handed in is deleted."),
    "settled": deferred("The note is saved."),
    "opened": deferred("The note is taken back. The conflict is open again."),
    "merged": deferred("They count as one person from now on."),
    "separated": deferred("They count as two people again."),
}

ANSWERS: Mapping[str, Callable[[int], str]] = {
    "accepted": lambda n: ngettext("%(num)s scan is new.", "%(num)s scans are new.", n),
    "replay": lambda n: ngettext("%(num)s scan was known already.", "%(num)s scans were known already.", n),
    "conflict": lambda n: ngettext(
        "%(num)s scan belongs to a conflict: please settle it below.",
        "%(num)s scans belong to conflicts: please settle them below.",
        n,
    ),
    "unknown": lambda n: ngettext(
        "%(num)s scan is of somebody outside the list; it counts.",
        "%(num)s scans are of people outside the list; they count.",
        n,
    ),
    "revoked": lambda n: ngettext(
        "%(num)s scan was made after its phone was revoked; it is kept and does not count.",
        "%(num)s scans were made after their phone was revoked; they are kept and do not count.",
        n,
    ),
    "invalid": lambda n: ngettext(
        "%(num)s scan could not be used. Keep the file, and save it again with the newest scanner.",
        "%(num)s scans could not be used. Keep the file, and save it again with the newest scanner.",
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
    return " ".join(said) or gettext("There was no scan in it.")
