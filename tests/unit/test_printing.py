"""A rendering that serves several people: it can hold nothing that belongs to one of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError, meta
from markupsafe import Markup

from ementor.meetings import presses, printing
from ementor.meetings.cards.words import Ending, From, Own

TEMPLATES = Path(printing.TEMPLATES) / "meetings"
AT = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "asked",
    ["current_user.id", "request.path", "session.token", "g.user", "csrf_token()", "meeting.id", "me"],
)
def test_a_kept_rendering_cannot_ask_who_looks(asked: str) -> None:
    with pytest.raises(UndefinedError):
        printing.ENVIRONMENT.from_string("{{ " + asked + " }}").render(
            card=None, locale="en", time_zone="UTC"
        )


def test_a_kept_rendering_says_nothing_in_the_language_of_whoever_asks() -> None:
    with pytest.raises(KeyError):
        printing.ENVIRONMENT.from_string("{{ _('Agenda') }}").render(card=None)


def test_the_templates_of_the_cards_use_their_view_and_nothing_else() -> None:
    cards = "head top ring tabs mode acts queue invite agenda offers people presses"
    asked: set[str] = set()
    for name in cards.split():
        source = (TEMPLATES / f"_{name}.html").read_text()
        asked |= meta.find_undeclared_variables(printing.ENVIRONMENT.parse(source))
    assert asked <= {"card", "button", "m", *printing.ENVIRONMENT.globals}
    assert presses.key_of is printing.ENVIRONMENT.globals["key_of"]


def test_no_template_of_the_room_asks_the_run() -> None:
    texts = {path.name: path.read_text().replace("_run.html", "") for path in TEMPLATES.glob("*.html")}
    assert not [name for name, text in texts.items() if "run." in text]


def test_words_of_people_are_set_apart_and_escaped() -> None:
    def said(value: printing.Value) -> str:
        return printing.printed(value, "fi", "Europe/Helsinki")

    assert said(Own("<i> & co")) == '<bdi translate="no">&lt;i&gt; &amp; co</bdi>'
    assert said(Own("<i>", is_name=False)) == "<bdi>&lt;i&gt;</bdi>"
    assert said(("<b>", 3)) == "&lt;b&gt;3"
    assert said(AT) == '<time class="at" translate="no" datetime="2026-11-23T13:05Z">15.05</time>'
    assert said(Ending(AT, less=0)) == '<span class="num" data-end data-less="0">15.05</span>'
    assert said(Ending(AT, most=60)) == '<span class="num" data-end data-most="60">15.05</span>'
    hidden = From(AT, hidden=True, words="later")
    assert said(hidden) == '<span data-from="2026-11-23T13:05:00+00:00" hidden>later</span>'
    assert isinstance(printing.printed(None, "en", "UTC"), Markup)


def test_renderings_are_kept_by_how_long_they_are_and_the_newest_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(printing, "MOST_CHARACTERS", 10)
    made: list[str] = []

    @printing.kept
    def rendering(text: str) -> str:
        made.append(text)
        return text

    for text in ("aaaa", "bbbb", "aaaa", "cc", "dddd", "aaaa", "bbbb"):
        assert rendering(text) == text
    assert made == ["aaaa", "bbbb", "cc", "dddd", "bbbb"]
    assert rendering("too long to be kept") == rendering("too long to be kept")
    assert made[5:] == ["too long to be kept"] * 2


def test_views_with_the_same_hash_are_told_apart() -> None:
    rendering = printing.kept(str)
    assert hash((-1,)) == hash((-2,))
    assert [rendering(number) for number in (-1, -2, -1)] == ["-1", "-2", "-1"]
