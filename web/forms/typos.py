"""Likely typos in email domains. The page only offers a correction; js/form.js does the same during typing."""

KNOWN = (
    "gmail.com",
    "mail.ru",
    "yandex.ru",
    "yahoo.com",
    "inbox.ru",
    "list.ru",
    "bk.ru",
    "icloud.com",
    "outlook.com",
    "hotmail.com",
    "rambler.ru",
)
REAL = frozenset({"mail.com", "email.com", "ymail.com", "gmx.com", "mail.tj", "ok.ru", "vk.ru"})
"""Real domains that are a typo away from a known one."""


def suggest(address: str) -> str | None:
    """Return the address with the domain that was probably meant; None if nothing seems wrong."""
    name, _, domain = address.rpartition("@")
    if not name or domain in KNOWN or domain in REAL:
        return None
    known = next((known for known in KNOWN if _is_one_slip(domain, known)), None)
    return f"{name}@{known}" if known else None


def _is_one_slip(typed: str, known: str) -> bool:
    """Return whether one letter is wrong, missing or extra, or two neighbours are swapped."""
    if abs(len(typed) - len(known)) > 1:
        return False
    start = next((index for index, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), None)
    start = min(len(typed), len(known)) if start is None else start
    typed_rest, known_rest = typed[start:], known[start:]
    is_swap = typed_rest[:2] == known_rest[1::-1] and typed_rest[2:] == known_rest[2:]
    return is_swap or typed_rest[1:] == known_rest[1:] or typed_rest[1:] == known_rest or typed_rest == known_rest[1:]
