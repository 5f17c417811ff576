"""Forms as values: request.form in, a frozen model or a FormError out. No database.

Forms check syntax (is it an address?), use cases check rules (is there a seat?).
"""

from collections.abc import Mapping

from shared.errors import Invalid

LONGEST_VALUE = 40_000
"""Characters of a value that the page repeats: more than any field takes, the longest being 2,000 short codes on a line
each. Valid input must not be cut because another field is wrong.
"""


class FormError(Invalid):
    """Invalid input: a sentence for each wrong field, in the current language, and the submitted values.

    `field` is the first of them.
    """

    def __init__(self, errors: Mapping[str, str], typed: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        self.values = {field: value[:LONGEST_VALUE] for field, value in typed.items()}
        super().__init__(next(iter(self.errors)))
