"""What stands above the doors page after an act: a word in its address, made into a sentence."""

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
    "revoked": deferred("The phone is revoked: what it scans from now on does not count."),
    "settled": deferred("The note is saved."),
    "opened": deferred("The note is taken back. The conflict is open again."),
    "merged": deferred("They count as one person from now on."),
    "separated": deferred("They count as two people again."),
}

ANSWERS = {
    "accepted": (deferred("%(num)s scan is new."), deferred("%(num)s scans are new.")),
    "replay": (deferred("%(num)s scan was known already."), deferred("%(num)s scans were known already.")),
    "conflict": (
        deferred("%(num)s scan belongs to a conflict: please settle it below."),
        deferred("%(num)s scans belong to conflicts: please settle them below."),
    ),
    "unknown": (
        deferred("%(num)s scan is of somebody outside the list; it counts."),
        deferred("%(num)s scans are of people outside the list; they count."),
    ),
    "revoked": (
        deferred("%(num)s scan was made after its phone was revoked; it is kept and does not count."),
        deferred("%(num)s scans were made after their phone was revoked; they are kept and do not count."),
    ),
    "invalid": (
        deferred("%(num)s scan could not be used. Keep the file, and save it again with the newest scanner."),
        deferred("%(num)s scans could not be used. Keep the file, and save it again with the newest scanner."),
    ),
}
"""What the scans of a file were answered: one, and several."""
MOST = 10**6


def message() -> str:
    """The sentence, empty where nothing was done."""
    word = request.args.get("said", "")
    return _taken_in() if word == "files" else gettext(SAID.get(word, ""))


def _taken_in() -> str:
    """What became of the scans in files: how many of each, and what to do."""
    counts = {name: min(max(request.args.get(name, 0, int), 0), MOST) for name in ANSWERS}
    said = [ngettext(*ANSWERS[name], count) for name, count in counts.items() if count]
    return " ".join(said) or gettext("There was no scan in it.")
