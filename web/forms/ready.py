"""The ready questions in our own words, for organizers who give them none: fixed keys, so that answers add up."""

from shared.i18n import deferred

LABELS = {
    "gender": deferred("Gender"),
    "age_group": deferred("Age"),
    "district": deferred("City or district"),
    "organization": deferred("Where you work or study"),
    "heard_from": deferred("How did you hear of this event?"),
    "photo_consent": deferred("May we take photographs in which you can be seen?"),
    "guardian": deferred("Guardian of who is under 16: name and phone"),
    "name_in_latin": deferred("Name in Latin letters, as in the passport"),
}
"""By key, as shared.models.question.READY lists them."""
