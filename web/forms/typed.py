"""The submitted values of a form, with what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import DomainError, Invalid
from shared.i18n import gettext
from web.forms import FormError, typos
from web.forms.registration import COMPANION_FIELDS


@dataclass(frozen=True)
class Typed:
    """The submitted values of a form that was refused, and a sentence for each wrong field, or for the whole form.

    `may_wait`: the registration can still join the waiting list. `group_seats`: seats for part of the group, if there
    are any. `theirs`: what someone else saved meanwhile, at each field that differs.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    may_wait: bool = False
    group_seats: int = 0
    theirs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: DomainError, values: Mapping[str, str], sentences: Mapping[str, str]) -> "Typed":
        """Return these values with a sentence for the reason of a refusal, at its field or above the form; an empty one
        if the page says it elsewhere. Raises an error that has no sentence.
        """
        if isinstance(error, FormError):
            return cls(error.values, error.errors)
        if error.reason not in sentences:
            raise error
        sentence = sentences[error.reason] and gettext(sentences[error.reason])
        return cls(values, {error.field: sentence}) if isinstance(error, Invalid) else cls(values, refusal=sentence)

    @property
    def has_guests(self) -> bool:
        """Return whether a guest is named, so that the list of guests stays open."""
        return any(self.values.get(name) for name in COMPANION_FIELDS)

    @property
    def suggestion(self) -> str | None:
        """Return the address that was probably meant, if only its domain is wrong."""
        return typos.suggest(self.values.get("email", "").strip().lower()) if "email" in self.errors else None
