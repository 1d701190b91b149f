"""Faults and requirements that concern people: who they are, and what a stranger learns."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from ementor import assets, clock, create_app
from tests.support.databases import Settings
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


# Links


def test_r6_wrong_links_are_counted_and_good_ones_stay_open(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    stranger = app.test_client()
    answers = [stranger.get(f"/j/wrong-{number}") for number in range(25)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 5
    good = app.test_client()  # behind the same address
    assert good.get(house.join_path).status_code == 200
    assert good.post(house.join_path, data={"name": "Kim"}).status_code == 303
    assert stranger.post("/j/wrong-too", data={"name": "Kim"}).status_code == 429


def test_r6_a_link_that_was_replaced_answers_like_one_that_never_was(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    ada = people["Ada"]
    old = house.join_path
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "rotate_link"})
    answers = [app.test_client().get(path) for path in (old, old[:-1] + "x", "/j/never")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    pages = {re.sub(r"/j/[\w-]+|content=\"[^\"]+\"|value=\"[^\"]+\"", "", answer.text) for answer in answers}
    assert len(pages) == 1


def test_names_can_be_guessed_twenty_times_and_a_free_one_still_comes_in(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    client = app.test_client()
    codes = [client.post(house.join_path, data={"name": "Ben"}).status_code for _ in range(25)]
    assert codes == [422] * 20 + [429] * 5
    assert client.post(house.join_path, data={"name": "Kim"}).status_code == 303


BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "Wget/1.21",
        "python-requests/2.32.3",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246",  # what Safe Links calls itself
        BROWSER,
    ],
)
def test_r2_a_program_that_opens_the_link_sees_no_name(
    app: Flask, people: dict[str, Person], house: House, agent: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = app.test_client().open(house.join_path, method=method, headers={"User-Agent": agent})
        assert answer.status_code == 200
        assert "Ada&#39;s group" not in answer.text
        assert "Getting to know" not in answer.text
        assert not people["Ada"].client.get(f"/m/{house.meeting_id}/run").text.count("Kim")


def test_r2_a_person_in_a_browser_sees_where_the_link_leads(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    answer = app.test_client().get(house.join_path, headers={"User-Agent": BROWSER, **NAVIGATES})
    assert "Ada&#39;s group" in answer.text


# What has an address


@pytest.mark.parametrize(
    "path",
    [
        "/static/editor/x/../src/editor.js",
        "/static/editor/src/editor.js",
        "/static/./js/page.js",
        "/static/js/./page.js",
        "/static/js//page.js",
        "/static/js/../js/page.js",
        "/static/../static/js/page.js",
        "/static/%2e%2e/app.py",
        "/static/js/page.js/",
        "/static/js/page.js%00.css",
        "/static/%2Fetc/hosts.txt",
        f"/static/{'a' * 5000}.js",
    ],
    ids=lambda path: path[:40],
)
def test_another_spelling_of_a_file_is_not_found(app: Flask, path: str) -> None:
    before = assets._travelling.cache_info().currsize
    assert app.test_client().get(path).status_code in {308, 404}
    assert assets._travelling.cache_info().currsize == before


@pytest.mark.parametrize("path", ["/", "/static/js/page.js", "/j/x", "/nothing"])
def test_a_host_that_is_not_ours_is_refused(settings: Settings, path: str) -> None:
    app = create_app(settings | {"ORIGINS": "https://room.example.org"})
    for host, status in (("elsewhere.example", 400), ("room.example.org", None)):
        answer = app.test_client().get(path, headers={"Host": host})
        assert (answer.status_code == 400) == (status == 400)
        assert answer.status_code < 500


# The record


def test_who_takes_part_by_forms_alone_reads_the_record(people: dict[str, Person], house: House) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    for person, what in ((ada, "start"), (ben, "give_role"), (ada, "end")):
        data = {"press": what, "person": str(ben.id), "role": "note_keeper"}
        assert person.client.post(f"/m/{house.meeting_id}/press", data=data).status_code == 303
    assert [one.client.get(f"/m/{house.meeting_id}").status_code for one in (ada, ben, gus)] == [
        200,
        200,
        403,
    ]
