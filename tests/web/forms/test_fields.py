"""The fields of organizers' forms: a shown value is read back the same, and any input is answered."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.clock import AmbiguousTime, NoSuchTime
from shared.config import LANGUAGES
from web.forms import FormError
from web.forms.fields import Field, Setting, read, show
from web.organizer.events.form import REGISTRATION, TEXTS, TIME, read_timing

ZONES = ("Asia/Dushanbe", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
MINUTES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)).map(
    lambda time: time.replace(second=0, microsecond=0)
)
MOMENT = Field(name="opens_at", label="Available from", kind="moment")
EVERY = (*TEXTS, *TIME, *REGISTRATION)
BERLIN = "Europe/Berlin"


@given(MINUTES, st.sampled_from(ZONES))
def test_a_moment_is_shown_and_read_back_the_same_in_any_zone(time: datetime, zone: str) -> None:
    row = SimpleNamespace(opens_at=time.replace(tzinfo=UTC))
    setting = Setting(("en",), zone)
    local = row.opens_at.astimezone(ZoneInfo(zone))
    if local.year not in range(1990, 2101) or local.second:
        return
    assert read((MOMENT,), show((MOMENT,), row, setting), setting)["opens_at"] == row.opens_at


@given(MINUTES, st.sampled_from(ZONES), st.sampled_from(["", "first", "second"]))
def test_a_wall_time_is_one_instant_or_an_error(time: datetime, zone: str, which: str) -> None:
    form = {"opens_at": f"{time:%Y-%m-%dT%H:%M}", "opens_at.which": which}
    second = {"first": False, "second": True}.get(which)
    try:
        expected = clock.instant(time, zone, second=second)
    except (NoSuchTime, AmbiguousTime):
        with pytest.raises(FormError):
            read((MOMENT,), form, Setting(("en",), zone))
    else:
        assert read((MOMENT,), form, Setting(("en",), zone))["opens_at"] == expected


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_an_ambiguous_hour_has_to_be_chosen(which: str, hour: int) -> None:
    form = {"opens_at": "2026-10-25T02:30"}
    with pytest.raises(FormError) as caught:
        read((MOMENT,), form, Setting(("en",), BERLIN))
    assert "Choose one of the two" in caught.value.errors["opens_at"]
    moment = read((MOMENT,), {**form, "opens_at.which": which}, Setting(("en",), BERLIN))["opens_at"]
    assert moment == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def faults(fields: Sequence[Field], form: dict[str, str], setting: Setting) -> dict[str, str]:
    """Return the errors at the fields; nothing if all are valid."""
    try:
        read(fields, form, setting)
    except FormError as error:
        return error.errors
    return {}


@given(st.text())
def test_any_text_is_a_time_or_an_error(text: str) -> None:
    assert faults((MOMENT,), {"opens_at": text}, Setting(("en",))).keys() <= {"opens_at"}


@given(
    st.dictionaries(st.sampled_from([name for field in EVERY for name in field.names(Setting(LANGUAGES))]), st.text())
)
def test_any_input_is_read_or_reported_at_its_field(form: dict[str, str]) -> None:
    setting = Setting(LANGUAGES, "Asia/Dushanbe")
    errors = faults(EVERY, form, setting)
    assert errors.keys() <= {name for field in EVERY for name in field.names(setting)}
    assert all(errors.values())


def test_an_unchanged_time_keeps_its_seconds() -> None:
    time = datetime(2026, 12, 5, 18, 0, 42)
    row = SimpleNamespace(
        known="minute", starts_local=time, ends_local=time + timedelta(hours=2), zone="UTC", time_note={}
    )
    setting = Setting(("en",), "UTC")
    timing = read_timing(read(TIME, show(TIME, row, setting), setting, row))
    assert (timing.starts, timing.ends) == (row.starts_local, row.ends_local)
