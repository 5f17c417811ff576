"""PostgreSQL's plans of statements."""

import re

from sqlalchemy.orm import Session

VALUE = re.compile(r"%\((\w+)\)s")


def generic_plan(db: Session, statement: str) -> str:
    """Return PostgreSQL's plan of a statement, as psycopg gets it, without its values."""
    names = list(dict.fromkeys(VALUE.findall(statement)))
    numbered = VALUE.sub(lambda value: f"${names.index(value[1]) + 1}", statement).replace("%%", "%")
    driver = db.connection().connection.cursor()
    driver.execute(f"EXPLAIN (GENERIC_PLAN) {numbered}")
    return "\n".join(row[0] for row in driver.fetchall())
