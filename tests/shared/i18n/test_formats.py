"""Dates, times and numbers in words."""

from datetime import date, datetime, time

import pytest
import time_machine

from shared import i18n

MOMENT = datetime(2017, 10, 7, 18, 0)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Saturday 7 October 2017, 18:00, Dushanbe time"),
        ("ru", "суббота, 7 октября 2017 года, 18:00, местное время (Душанбе)"),
        ("tg", "шанбе, 7 октябри соли 2017, 18:00, бо вақти Душанбе"),
    ],
)
def test_a_moment_is_told_in_words_with_its_city(language, words):
    with i18n.use_language(language), time_machine.travel("2026-11-24"):
        assert i18n.format_moment(MOMENT, i18n.city_of("Asia/Dushanbe")) == words


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Saturday 7 October"), ("ru", "суббота, 7 октября"), ("tg", "шанбе, 7 октябр")]
)
def test_the_year_is_left_out_in_the_year_itself(language, words):
    with i18n.use_language(language), time_machine.travel("2017-03-01"):
        assert i18n.format_day(MOMENT) == words
        assert "2017" in i18n.format_day(MOMENT, year=True)
    with time_machine.travel("2018-03-01"):
        assert i18n.format_day(MOMENT, weekday=False, year=False) == "7 October"


@pytest.mark.parametrize(
    ("language", "within", "across", "years"),
    [
        ("en", "7 to 8 October 2017", "30 October to 2 November 2017", "30 December 2016 to 2 January 2017"),
        ("ru", "7–8 октября 2017 года", "30 октября – 2 ноября 2017 года", "30 декабря 2016 года – 2 января 2017 года"),
        ("tg", "7–8 октябри соли 2017", "30 октябр – 2 ноябри соли 2017", "30 декабри соли 2016 – 2 январи соли 2017"),
    ],
)
def test_a_range_of_days_names_what_is_common_once(language, within, across, years):
    with i18n.use_language(language), time_machine.travel("2026-11-24"):
        assert i18n.format_days(date(2017, 10, 7), date(2017, 10, 8)) == within
        assert i18n.format_days(date(2017, 10, 30), date(2017, 11, 2)) == across
        assert i18n.format_days(date(2016, 12, 30), date(2017, 1, 2)) == years
        assert i18n.format_days(date(2017, 10, 7), date(2017, 10, 7)) == i18n.format_day(date(2017, 10, 7))


@pytest.mark.parametrize(
    ("language", "month", "number", "percent"),
    [
        ("en", "July 2017", "12,345.5", "83%"),
        ("ru", "июль 2017 года", "12\xa0345,5", "83\xa0%"),
        ("tg", "июли соли 2017", "12\xa0345,5", "83%"),
    ],
)
def test_months_and_numbers_follow_the_language(language, month, number, percent):
    with i18n.use_language(language):
        assert i18n.format_month(date(2017, 7, 1)) == month
        assert (i18n.format_number(12345.5), i18n.format_percent(0.834)) == (number, percent)
        assert i18n.format_time(time(9, 5)) == "09:05"
