"""The practice room asks nobody's name and keeps nothing; the rooms know where it is."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from flask import Flask

from ementor.database import db
from ementor.practice import tour
from ementor.programmes import library
from tests.support.people import House, shown

PRESS = "/m/0/press"
TECH_CHECK_FIRST = "emessi-1"
WALK = ["on", "on", "on", "next", "on", "raise_hand", "others", "next", "on", "on", "on", "again"]


@pytest.fixture
def house(app: Flask) -> House:
    return House(app.test_client, template=TECH_CHECK_FIRST)


def log_in(page: str) -> str:
    """Return the log that a page holds."""
    found = re.search(r'name="log" value="([^"]*)"', page)
    assert found
    return found[1]


def said(page: str) -> str:
    """Return what the guide says."""
    found = re.search(r'id="say" role="status">([^<]*)<', page)
    assert found
    return found[1]


def walk(client: Any, presses: list[str], **headers: str) -> list[str]:
    """Press one after the other, and return what was shown at each."""
    pages = [client.get("/practice").text]
    for press in presses:
        answer = client.post(PRESS, data={"press": press, "log": log_in(pages[-1])}, headers=headers)
        assert answer.status_code == 200
        pages.append(answer.text)
    return pages


def rows(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            table.name: db.session.execute(db.select(db.func.count()).select_from(table)).scalar_one()
            for table in db.metadata.sorted_tables
        }


def test_the_whole_tour_leaves_no_row(app: Flask) -> None:
    before = rows(app)
    pages = walk(app.test_client(), WALK, **{"HX-Request": "true"})
    assert 'data-step="closing"' in pages[-1]
    assert {"user", "meeting", "meeting_event"} <= before.keys()
    assert rows(app) == before


def test_an_answer_is_the_rooms_part_and_the_guide_beside_it(app: Flask) -> None:
    page = walk(app.test_client(), ["on", "on", "on"], **{"HX-Request": "true"})[-1]
    assert "<html" not in page
    assert page.strip().startswith('<div id="run"')
    assert 'hx-swap-oob="outerMorph"' in page
    assert "It is your turn" in page
    assert "Your turn, You" not in page


def test_without_a_script_each_press_shows_the_whole_page(app: Flask) -> None:
    client = app.test_client()
    page = walk(client, ["on", "on"])[-1]
    assert "<html" in page
    assert "You are next" in page
    for address in (PRESS, "/m/0"):
        assert client.get(address).headers["Location"] == "/practice"


@pytest.mark.parametrize("locale", ["fi", "sv"])
def test_every_step_speaks_the_visitors_language(app: Flask, locale: str) -> None:
    english, own = app.test_client(), app.test_client()
    own.post("/language", data={"locale": locale})
    there, here = walk(english, WALK), walk(own, WALK)
    assert len({said(page) for page in there}) == len(WALK)  # the last press leads back to a step
    for one, other in zip(there, here, strict=True):
        assert said(one) != said(other) != ""
    for page in here:
        assert "made-up" not in page
        assert "Only you see" not in page


def test_nobody_here_can_run_the_meeting(app: Flask) -> None:
    for page in walk(app.test_client(), WALK):
        for press in ("pause", "next_item", "end", "give_word", "make_facilitator", "rotate_link"):
            assert f'value="{press}"' not in page


def test_a_broken_log_begins_the_tour(app: Flask) -> None:
    answer = app.test_client().post(PRESS, data={"press": "", "log": "no such thing"})
    assert answer.status_code == 200
    assert 'data-step="agenda"' in answer.text
    assert "no such thing" not in answer.text


def test_the_addresses_of_the_practice_room_lead_to_no_meeting(client_for: Any, meeting: Any) -> None:
    ada = client_for("Ada")
    assert ada.get("/m/0/run").status_code == 404
    assert ada.post("/m/0/next").status_code == 404


def test_it_is_offered_where_somebody_is_about_to_begin(app: Flask, client_for: Any, house: House) -> None:
    link = 'href="/practice'
    ada = client_for("Ada")
    room = f"/m/{house.meeting_id}"
    assert link in shown(app.test_client().get("/"))
    assert link in shown(app.test_client().get(house.join_path))
    assert link in shown(ada.get(room))


def test_it_is_offered_at_the_tech_check_to_each_in_their_language(house: House, client_for: Any) -> None:
    ada, ben = client_for("Ada"), client_for("Ben")
    room = f"/m/{house.meeting_id}"
    ben.post("/language", data={"locale": "fi"})
    ada.post(f"{room}/press", data={"press": "start"})
    assert "Try the room for a minute" in shown(ada.get(room))
    assert "Kokeile tapaamistilaa minuutin ajan" in shown(ben.get(room))
    ada.post(f"{room}/press", data={"press": "next_item"})
    assert 'href="/practice' not in shown(ada.get(room))


def test_an_agenda_copied_before_a_translation_was_improved_still_has_its_tech_check(
    house: House, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("dict[str, str]", library.tech_check()), "sv", "Teknikprov")
    ada = client_for("Ada")
    room = f"/m/{house.meeting_id}"
    ada.post(f"{room}/press", data={"press": "start"})
    assert 'href="/practice' in shown(ada.get(room))


def test_the_companions_bear_names_that_nobody_has() -> None:
    assert {name.split()[1] for name in tour.COMPANIONS.values()} == {"Esimerkki", "Exempel", "Example"}


def test_the_dialogs_of_the_room_open_for_nobody_in_particular(app: Flask) -> None:
    client = app.test_client()
    assert 'data-clock-as="calm"' in shown(client.get("/m/0/signals"))
    keys = shown(client.get("/m/0/keys"))
    assert "Next speaker" in keys
    assert "Pause or resume" not in keys  # that is the facilitator's
