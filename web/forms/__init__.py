"""What people typed, made into values: request.form in, a frozen pydantic model or a FormError out. No database.

Forms hold syntax (is it an address?), operations hold rules (is there a seat?).
"""

from collections.abc import Mapping

from shared.errors import Invalid

KEPT = 40_000
"""Characters of a value that are shown again: more than any field takes, the longest being 2000 short codes in lines.
What is right must not be cut because something beside it is wrong."""


class FormError(Invalid):
    """Something typed cannot be used: a sentence for each such field, in the current language, and what was typed.

    `field` is the first of them.
    """

    def __init__(self, errors: Mapping[str, str], typed: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        self.values = {field: value[:KEPT] for field, value in typed.items()}
        super().__init__(next(iter(self.errors)))
