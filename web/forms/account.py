"""What organizers type about themselves and each other, and a sentence for whatever is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import clock
from shared.config import LANGUAGES
from shared.errors import Invalid
from shared.i18n import UnfitText, deferred, gettext, read_line
from shared.models.account import ROLES
from web.forms import FormError

NAME_LIMIT = 100
ROLE_NAMES = {"owner": deferred("Owner"), "organizer": deferred("Organizer"), "viewer": deferred("Viewer")}
ROLE_SENTENCES = {
    "owner": deferred("Everything, and who else may"),
    "organizer": deferred("Make events and change them"),
    "viewer": deferred("See events and figures, change nothing"),
}

SECRET_FIELDS = frozenset({"password", "old", "code", "recovery"})
"""Never shown again."""

SENTENCES: Mapping[str, str] = {
    "account_exists": deferred("This address has an account already. Sign in with it."),
    "choice": deferred("Please choose one of these."),
    "code_wrong": deferred(
        "This code is wrong or was used before. Wait for the next one, and check the phone's clock."
    ),
    "codes_used_up": deferred(
        "Too many wrong codes were entered for this account. Use a recovery code, or wait until tomorrow."
    ),
    "email": deferred("This is not an e-mail address. An example: name@example.org"),
    "first_code": deferred("This is not the code. It was printed where Turnout was started."),
    "invited_already": deferred("This address is invited already. You can send the invitation again below."),
    "member_already": deferred("Whoever has this address is a member already."),
    "name_long": deferred("This name is too long: at most 100 characters."),
    "name_missing": deferred("Please write a name."),
    "name_sign": deferred("One of these signs is not known here. Please leave it out."),
    "organization_exists": deferred("There is an organization of this name already."),
    "password_common": deferred("Many people use this password, so it is guessed first. Choose your own."),
    "password_length": deferred("A password has 8 to 200 characters."),
    "password_named": deferred("This password is a name that belongs to the account. Choose another one."),
    "password_wrong": deferred("This is not the password that you have now."),
    "recovery_wrong": deferred(
        "This is none of your recovery codes, or it was used before. Each is good once: try another one of your list."
    ),
    "zone_unknown": deferred("There is no such time zone. An example: Asia/Dushanbe"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What one is called, and the language of one's mails."""

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is invited, as what, and in which language."""

    email: str
    role: str
    language: str


@dataclass(frozen=True, slots=True)
class First:
    """Whoever comes first, and the organization that they bring."""

    code: str
    name: str
    email: str
    password: str
    organization: str
    zone: str


def read_profile(form: Mapping[str, str]) -> Profile:
    """A name and a language. Raises FormError."""
    name, fault = _name(form)
    profile = Profile(name, form.get("language", ""))
    _require(form, name=fault, language="" if profile.language in LANGUAGES else "choice")
    return profile


def read_name(form: Mapping[str, str]) -> str:
    """A name. Raises FormError."""
    name, fault = _name(form)
    _require(form, name=fault)
    return name


def read_role(form: Mapping[str, str]) -> str:
    """A role. Raises FormError."""
    role = form.get("role", "")
    _require(form, role="" if role in ROLES else "choice")
    return role


def read_invitation(form: Mapping[str, str]) -> Asked:
    """Whom to invite. Raises FormError."""
    asked = Asked(form.get("email", "").strip(), form.get("role", ""), form.get("language", ""))
    _require(
        form,
        email="" if asked.email else "email",
        role="" if asked.role in ROLES else "choice",
        language="" if asked.language in LANGUAGES else "choice",
    )
    return asked


def read_first(form: Mapping[str, str]) -> First:
    """The first account and its organization. Raises FormError."""
    name, name_fault = _name(form)
    organization, organization_fault = _name(form, "organization")
    zone = form.get("zone", "").strip()
    _require(
        form,
        name=name_fault,
        organization=organization_fault,
        zone="" if zone in clock.zones() else "zone_unknown",
    )
    email = form.get("email", "").strip()
    return First(form.get("code", ""), name, email, form.get("password", ""), organization, zone)


def faults(error: Invalid) -> Mapping[str, str]:
    """A sentence for each wrong field."""
    if isinstance(error, FormError):
        return error.errors
    return {error.field: gettext(SENTENCES.get(error.reason, SENTENCES["choice"]))}


def shown_again(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed and may stand in the form again."""
    return {name: value[: NAME_LIMIT * 3] for name, value in form.items() if name not in SECRET_FIELDS}


def _require(form: Mapping[str, str], **reasons: str) -> None:
    errors = {field: gettext(SENTENCES[reason]) for field, reason in reasons.items() if reason}
    if errors:
        raise FormError(errors, shown_again(form))


def _name(form: Mapping[str, str], field: str = "name") -> tuple[str, str]:
    """A name, and the reason why it cannot be used, if there is one."""
    try:
        name = read_line(form.get(field, ""), NAME_LIMIT)
    except UnfitText as unfit:
        return "", f"name_{unfit.reason}"
    return name, "" if name else "name_missing"
