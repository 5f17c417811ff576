"""Mail domains that were probably meant otherwise. Only ever offered; js/form.js does the same while one types."""

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
"""One slip from a known one, and somebody's all the same."""


def meant(address: str) -> str | None:
    """The address with the domain that was probably meant, if there is one."""
    name, _, domain = address.rpartition("@")
    if not name or domain in KNOWN or domain in REAL:
        return None
    found = next((known for known in KNOWN if _is_one_slip(domain, known)), None)
    return f"{name}@{found}" if found else None


def _is_one_slip(typed: str, known: str) -> bool:
    """Whether one letter is wrong, missing or too much, or two neighbours are swapped."""
    if abs(len(typed) - len(known)) > 1:
        return False
    start = next((place for place, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), None)
    start = min(len(typed), len(known)) if start is None else start
    rest, wanted = typed[start:], known[start:]
    is_swap = rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
    return is_swap or rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:]
