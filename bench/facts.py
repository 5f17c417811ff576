"""The check of the tables after a measure: they must have exactly what was acknowledged."""

from typing import Any

from sqlalchemy import Connection, text


def disagreements(connection: Connection, facts: str, acknowledged: int, **parameters: Any) -> list[str]:
    """Return a sentence for each column of the one row of `facts` that does not equal what was acknowledged."""
    row = connection.execute(text(facts), parameters).mappings().one()
    return [
        f"{acknowledged} were acknowledged, {name.replace('_', ' ')}: {count}"
        for name, count in row.items()
        if count != acknowledged
    ]
