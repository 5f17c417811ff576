"""What people typed, made into values: request.form in, a frozen pydantic model or a FormError out. No database.

Forms hold syntax (is it an address?), operations hold rules (is there a seat?).
"""

from collections.abc import Mapping

from shared.errors import Invalid

KEPT = 4000
"""Characters of a wrong value that are shown again: twice the longest answer, so that it can be shortened by hand."""


class FormError(Invalid):
    """Something typed cannot be used: a sentence for each such field, in the current language, and what was typed.

    `field` is the first of them.
    """

    def __init__(self, errors: Mapping[str, str], typed: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        self.values = {field: value[:KEPT] for field, value in typed.items()}
        super().__init__(next(iter(self.errors)))
