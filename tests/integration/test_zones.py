"""Whose time a page shows, and what is typed in the hours in which the clocks change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, g

from ementor import i18n
from ementor.errors import Invalid
from ementor.groups.models import Group
from ementor.meetings import forms, merging
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.schedule import Schedule
from ementor.meetings.domain.values import replace
from tests.support.inside import FreshClient

ROOT = Path(i18n.__file__).parent
TEMPLATES = ROOT.parent / "templates"
HELSINKI = "Europe/Helsinki"
BEFORE = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 2:00 in Helsinki; at 4:00 it is 3:00 again
SPRING = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 2:30; at 3:00 it is 4:00
SENT = re.compile(r"strftime\('%Y-%m-%dT%H:%M'\)|LANGUAGES\[locale\].hour")
"""What a browser is given, not a reader."""
DURATIONS = {
    "%(n)s people, %(time)s each: about %(all)s min in total",
    "The total time is now %(time)s",
    "of %(time)s",
    "%(n)s × %(time)s",
    "Turns left: %(n)s, %(time)s each to end on time.",
}
"""What takes a length of time."""
IN_A_RANGE = {"%(time)s where you are", "your time %(time)s"}
"""What may begin with a weekday."""


@pytest.fixture(autouse=True)
def helsinki(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        g.group_locale, g.group_time_zone = "en", HELSINKI
        yield


def typed(text: str, after: datetime, **fields: str) -> datetime | None:
    return forms.time_of_day({"t": text, **fields}, "t", after)


# When a group is started


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("America/New_York", "America/New_York"),
        ("", HELSINKI),
        ("localtime", HELSINKI),
        ("../../etc/passwd", HELSINKI),
        ("Mars/Olympus", HELSINKI),
    ],
)
def test_a_group_has_the_zone_of_its_starters_browser(app: Flask, sent: str, kept: str) -> None:
    from ementor.database import db

    client: FreshClient = app.test_client()
    form = {"name": "Ada", "template": "mepe-1", "group": "Circle", "time_zone": sent}
    answer = client.post("/start", data=form)
    assert answer.status_code == 303
    assert db.session.query(Group).one().time_zone == kept
    page = client.get(answer.location).text
    city = {"America/New_York": "New York"}.get(kept, "Helsinki")
    assert f'data-zone="{kept}" data-city="{city}"' in page


# The hours in which the clocks change


def test_a_time_that_comes_twice_is_the_first_that_is_ahead_or_the_one_chosen() -> None:
    first, second = BEFORE + timedelta(minutes=90), BEFORE + timedelta(minutes=150)
    assert typed("3:30", BEFORE) == first
    assert typed("3:30", BEFORE, t_again="yes") == second
    assert typed("3:30", first) == second  # the first has been
    assert typed("3:30", second) == second + timedelta(hours=24)
    assert typed("4:00", BEFORE) == BEFORE + timedelta(hours=3)
    assert typed("18:00", BEFORE, t_again="yes") == typed("18:00", BEFORE)


def test_a_time_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Invalid, match="clocks go forward"):
        typed("3:30", SPRING)
    assert typed("4:00", SPRING) == SPRING + timedelta(minutes=30)
    assert typed("3:30", SPRING + timedelta(hours=1)) == SPRING + timedelta(hours=24)  # tomorrow's


def test_the_choice_is_offered_when_the_clocks_go_back_and_not_otherwise() -> None:
    twice = (datetime(2026, 10, 25, 3), datetime(2026, 10, 25, 4))
    assert forms.hour_twice(BEFORE) == twice
    assert forms.hour_twice(BEFORE + timedelta(hours=2)) == twice  # it is the second of the two
    assert forms.hour_twice(BEFORE - timedelta(days=2)) is None
    assert forms.hour_twice(SPRING) is None


def test_the_second_of_two_stays_when_something_else_is_changed() -> None:
    second = BEFORE + timedelta(minutes=150)
    run = replace(runs.Run(), schedule=Schedule(starts_at=BEFORE, must_end_at=second))
    shows = merging.times_values(run)
    assert shows == {"starts_at": "02:00", "must_end_at": "03:30+"}
    sent = {"starts_at": "02:15", "must_end_at": "03:30", "must_end_at_again": "yes"}
    wish = merging.merged_times(sent, run, run, BEFORE)
    assert wish.must_end_at == second
    first = merging.merged_times({**sent, "must_end_at_again": ""}, run, run, BEFORE)
    assert first.must_end_at == second - timedelta(hours=1)
    assert i18n.Markup(merging.told_time("03:30+")).striptags() == "03:30 (after the clocks go back)"


# How a time is written


@pytest.mark.parametrize(("locale", "said"), [("fi", "5.28"), ("sv", "5.28"), ("en", "05:28")])
def test_a_time_is_written_as_the_language_does(locale: str, said: str) -> None:
    at = datetime(2026, 11, 24, 3, 28, tzinfo=UTC)
    assert i18n.clock_time(at, HELSINKI, locale) == said
    assert str(i18n.shown_time(at, HELSINKI, locale)) == (
        f'<time class="at" translate="no" datetime="2026-11-24T03:28Z">{said}</time>'
    )
    elsewhere = i18n.shown_time(at, "America/New_York", locale)
    assert 'data-zone="America/New_York" data-city="New York"' in elsewhere
    assert i18n.city_of(HELSINKI, locale) == {"sv": "Helsingfors"}.get(locale, "Helsinki")


def test_no_template_writes_a_time_by_itself() -> None:
    own = re.compile(r"strftime\(|\.hour\b|%H|HH:mm|H\.mm|\.minute\b|format_time|isoformat\(\)[^}]*\[")
    found = {
        f"{path.name}: {hit[0]}"
        for path in TEMPLATES.rglob("*.html")
        if (hit := own.search(SENT.sub("", path.read_text())))
    }
    assert not found
    scripts = ROOT.parent / "static" / "js"
    formats = re.compile(r"toLocale\w*Time|toLocaleString|getHours|DateTimeFormat\(")
    assert {path.name for path in scripts.rglob("*.js") if formats.search(path.read_text())} == {"zones.js"}


@pytest.mark.parametrize(("locale", "before"), [("fi", "(klo|kello)[ \xa0]"), ("sv", "kl[.][ \xa0]")])
def test_a_time_in_a_sentence_is_called_one(locale: str, before: str) -> None:
    text = (ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po").read_bytes()
    catalog = read_po(BytesIO(text))
    wrong = [
        message.string
        for message in catalog
        if isinstance(message.id, str)
        and re.search(r"%\((time|start)\)s", message.id)
        and message.id not in DURATIONS | IN_A_RANGE
        and not any("/about/" in path for path, _ in message.locations)  # periods
        and not re.search(rf"(?i){before}%\((time|start)\)s", str(message.string))
    ]
    assert not wrong
