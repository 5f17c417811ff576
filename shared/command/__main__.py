"""`python -m shared.command ...` is `turnout ...`, for a supervisor that must not depend on PATH."""

from shared.command import main

main(prog_name="turnout")
