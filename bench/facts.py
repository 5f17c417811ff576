"""What the tables must say after a measure: exactly as much as was acknowledged."""

from typing import Any

from sqlalchemy import Connection, text


def disagreements(connection: Connection, facts: str, acknowledged: int, **parameters: Any) -> list[str]:
    """The columns of the one row that `facts` selects that do not equal what was acknowledged, a sentence for each."""
    row = connection.execute(text(facts), parameters).mappings().one()
    return [
        f"{acknowledged} were acknowledged, {name.replace('_', ' ')}: {count}"
        for name, count in row.items()
        if count != acknowledged
    ]
