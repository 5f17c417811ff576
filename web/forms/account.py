"""The forms of accounts and members, and a sentence for each error."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import clock
from shared.config import LANGUAGES
from shared.errors import Invalid
from shared.i18n import UnfitText, deferred, gettext, read_line
from shared.models import Role
from web.forms import FormError

NAME_LIMIT = 100
ROLE_NAMES: Mapping[str, str] = {
    Role.OWNER: deferred("members.role_owner"),
    Role.ORGANIZER: deferred("members.role_organizer"),
    Role.VIEWER: deferred("members.role_viewer"),
}
ROLE_SENTENCES: Mapping[Role, str] = {
    Role.OWNER: deferred("members.role_owner_hint"),
    Role.ORGANIZER: deferred("members.role_organizer_hint"),
    Role.VIEWER: deferred("members.role_viewer_hint"),
}

SECRET_FIELDS = frozenset({"password", "old", "code", "recovery"})
"""Fields that a page never repeats."""

SENTENCES: Mapping[str, str] = {
    "account_exists": deferred("account.address_taken_error"),
    "choice": deferred("common.choose_one_error"),
    "code_wrong": deferred("signin.code_wrong_error"),
    "codes_used_up": deferred("signin.codes_used_up_error"),
    "email": deferred("account.email_error"),
    "first_code": deferred("account.first_code_error"),
    "invited_already": deferred("members.invited_already_error"),
    "member_already": deferred("members.already_member_error"),
    "name_long": deferred("account.name_long_error"),
    "name_missing": deferred("account.name_missing_error"),
    "name_sign": deferred("common.sign_unknown_error"),
    "organization_exists": deferred("account.organization_exists_error"),
    "password_common": deferred("account.password_common_error"),
    "password_length": deferred("account.password_length_error"),
    "password_named": deferred("account.password_named_error"),
    "password_wrong": deferred("account.password_wrong_error"),
    "recovery_wrong": deferred("signin.recovery_code_wrong_error"),
    "zone_unknown": deferred("account.zone_unknown_error"),
}


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """A person's name, and the language of emails to them."""

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """The address, role and language of an invitation."""

    email: str
    role: Role
    language: str


@dataclass(frozen=True, slots=True)
class FirstAccountForm:
    """The first account and its organization."""

    code: str
    name: str
    email: str
    password: str
    organization: str
    zone: str


def read_profile(form: Mapping[str, str]) -> ProfileForm:
    """Return a name and a language. Raises FormError."""
    name, fault = _name(form)
    profile = ProfileForm(name, form.get("language", ""))
    _require(form, name=fault, language="" if profile.language in LANGUAGES else "choice")
    return profile


def read_name(form: Mapping[str, str]) -> str:
    """Return a name. Raises FormError."""
    name, fault = _name(form)
    _require(form, name=fault)
    return name


def read_role(form: Mapping[str, str]) -> Role:
    """Return a role. Raises FormError."""
    role = form.get("role", "")
    _require(form, role="" if role in list(Role) else "choice")
    return Role(role)


def read_invitation(form: Mapping[str, str]) -> InvitationForm:
    """Return an invitation. Raises FormError."""
    email, role, language = form.get("email", "").strip(), form.get("role", ""), form.get("language", "")
    _require(
        form,
        email="" if email else "email",
        role="" if role in list(Role) else "choice",
        language="" if language in LANGUAGES else "choice",
    )
    return InvitationForm(email, Role(role), language)


def read_first_account(form: Mapping[str, str]) -> FirstAccountForm:
    """Return the first account and its organization. Raises FormError."""
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
    return FirstAccountForm(form.get("code", ""), name, email, form.get("password", ""), organization, zone)


def faults(error: Invalid) -> Mapping[str, str]:
    """Return a sentence for each wrong field."""
    if isinstance(error, FormError):
        return error.errors
    return {error.field: gettext(SENTENCES.get(error.reason, SENTENCES["choice"]))}


def without_secrets(form: Mapping[str, str]) -> dict[str, str]:
    """Return the submitted values that the form may repeat."""
    return {name: value[: NAME_LIMIT * 3] for name, value in form.items() if name not in SECRET_FIELDS}


def _require(form: Mapping[str, str], **reasons: str) -> None:
    errors = {field: gettext(SENTENCES[reason]) for field, reason in reasons.items() if reason}
    if errors:
        raise FormError(errors, without_secrets(form))


def _name(form: Mapping[str, str], field: str = "name") -> tuple[str, str]:
    """Return a name and, if it is not valid, the reason."""
    try:
        name = read_line(form.get(field, ""), NAME_LIMIT)
    except UnfitText as unfit:
        return "", f"name_{unfit.reason}"
    return name, "" if name else "name_missing"
