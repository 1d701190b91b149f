"""Faults and requirements that concern people: who they are, and what a stranger learns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from ementor import clock
from tests.support.inside import FreshClient, Socket
from tests.support.people import House, Person, said, shown

WHO = "ementor-who"


def me(client: Any, room: str) -> str:
    return said(shown(client.get(room)), r'data-me="(\d+)"')


def cookies_sent(answer: Any) -> dict[str, str]:
    return dict(line.split(";")[0].split("=", 1) for line in answer.headers.getlist("Set-Cookie"))


# Identity and the clock


@pytest.mark.parametrize("step", [{"seconds": -3}, {"hours": -1}, {"days": -400}, {"days": 400}], ids=str)
def test_f22_nobody_is_somebody_else_when_the_servers_clock_is_set(
    people: dict[str, Person], socket_for: Callable[[str], Socket], step: dict[str, int]
) -> None:
    """The same happens between two hosts whose clocks are apart: one signs, the other reads."""
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"
    assert me(ben.client, room) == str(ben.id)
    with time_machine.travel(clock.now() + timedelta(**step), tick=True):
        assert me(ben.client, room) == str(ben.id)
        assert ben.client.post("/language", data={"locale": "sv", "next": "/"}).status_code == 303
        assert socket_for("Ben").join()["ok"]
    assert me(ben.client, room) == str(ben.id)


def test_f22_a_replaced_link_does_not_come_back_to_life(
    people: dict[str, Person], house: House, app: Flask
) -> None:
    ada = people["Ada"]
    before = clock.now()
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "rotate_link"})
    with time_machine.travel(before - timedelta(hours=1), tick=True):
        assert app.test_client().get(house.join_path).status_code == 404


def test_the_browser_counts_how_long_it_knows_somebody(people: dict[str, Person]) -> None:
    answer = people["Ben"].client.get("/")
    sent = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(WHO)]
    assert len(sent) == 1
    assert "Max-Age=15552000" in sent[0]  # it counts for more than a date of Expires
    assert "HttpOnly" in sent[0]
    assert "SameSite=Lax" in sent[0]


@pytest.mark.parametrize("session", ["", "rubbish", "eyJhIjoxfQ.Z1.c2ln"])
def test_a_session_that_cannot_be_read_costs_nobody_their_identity(
    people: dict[str, Person], session: str
) -> None:
    ben = people["Ben"]
    ben.client.set_cookie("ementor", session)
    for _ in range(2):
        assert me(ben.client, f"/m/{ben.meeting_id}") == str(ben.id)
    ben.client.token = None
    assert ben.client.post("/language", data={"locale": "fi", "next": "/"}).status_code == 303


def test_who_somebody_is_stays_in_a_cookie_that_is_not_known(app: Flask, people: dict[str, Person]) -> None:
    client = app.test_client()
    client.set_cookie(WHO, "of-a-copy-that-was-put-back")
    for path in ("/", f"/m/{people['Ben'].meeting_id}", "/nothing", "/start"):
        assert cookies_sent(client.get(path)).get(WHO, "of-a-copy-that-was-put-back") == (
            "of-a-copy-that-was-put-back"
        )


def test_a_form_of_another_site_replaces_no_cookie(people: dict[str, Person], app: Flask) -> None:
    """Such a form arrives without cookies, as they are SameSite, and its answer could still set them."""
    for path in ("/start", "/language", "/forget", f"/m/{people['Ben'].meeting_id}/press"):
        answer = app.test_client().post(path, csrf=False, data={"name": "Mallory"})
        assert answer.status_code == 400
        assert not answer.headers.getlist("Set-Cookie")


def test_who_came_before_there_were_two_cookies_stays_who_they_are(
    people: dict[str, Person], house: House
) -> None:
    ben, room = people["Ben"], f"/m/{people['Ben'].meeting_id}"
    client: FreshClient = house.new_client()
    client.set_cookie("ementor", ben.client.get_cookie("ementor").value)  # type: ignore[union-attr]
    assert me(client, room) == str(ben.id)
    client.delete_cookie("ementor")
    assert me(client, room) == str(ben.id)


# Budgets


def test_who_floods_with_presses_is_told_to_wait_and_holds_up_nobody(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    path = f"/m/{ada.meeting_id}/press"
    assert ada.client.post(path, data={"press": "start"}).status_code == 303
    data, headers = (
        {"press": "give_role", "role": "note_keeper", "person": str(ben.id)},
        {"HX-Request": "true"},
    )
    statuses, text = [], ""
    while 429 not in statuses:
        answer = ben.client.post(path, data=data, headers=headers)
        statuses.append(answer.status_code)
        text = answer.text
        assert len(statuses) < 3000
    assert set(statuses) == {200, 429}
    assert len(statuses) > 100  # nobody who means it comes near
    assert "too many presses at once" in text
    assert ben.client.get(f"/m/{ben.meeting_id}/run", headers=headers).status_code == 200
    assert ada.client.post(path, data={"press": "next_item"}).status_code == 303
    assert ada.client.post(path, data={"press": "end"}).status_code == 303


def test_a_budget_fills_up_again(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    ben = people["Ben"]
    now = [1000.0]
    monkeypatch.setattr("ementor.web.time.monotonic", lambda: now[0])
    monkeypatch.setattr("ementor.web.PRESSES_AT_ONCE", 3.0)

    def press() -> int:
        status: int = ben.client.post("/language", data={"locale": "en", "next": "/"}).status_code
        return status

    assert [press() for _ in range(6)] == [303] * 3 + [429] * 3
    now[0] += 0.1
    assert [press(), press()] == [303, 429]
