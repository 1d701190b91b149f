"""What must not go wrong: pressed twice, at once, by Eve, by a robot, or while the server dies."""

from __future__ import annotations

import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import socketio as clients
import websocket
from flask import Flask
from sqlalchemy import func, select

from ementor import clock, events
from ementor.accounts.models import User
from ementor.database import Base, db
from ementor.errors import NotFound
from ementor.groups.models import Group, Waiting
from ementor.meetings import presses
from ementor.meetings.models import MeetingEvent
from ementor.meetings.services import run_of
from ementor.notes.document import SCHEMA
from ementor.series.presses import PRESSES
from tests.support.copies import NotesClient
from tests.support.databases import Settings
from tests.support.inside import FreshClient, Socket
from tests.support.machine import wait_until
from tests.support.outside import RemoteSocket, Server
from tests.support.people import House, Person, csrf_token, followed, shown

MEPE = "mepe-1"  # its second item is a round
HTMX = {"HX-Request": "true"}
TO_ALL = {
    "about.help_page",
    "about.accessibility",
    "about.privacy",
    "about.feedback",
    "about.manifest",
    "about.open_app",
    "accounts.language",
    "web.healthz",
    "web.readyz",
    "web.favicon",
    "static",
    "meetings.home",
    "meetings.start",
    "meetings.started",
    "meetings.pressed",
    "meetings.kept",
    "writings.saved",
    "practice.practice",
    "practice.press",
    "practice.pressed",
    "practice.keys",
    "practice.signals",
    "devices.leave",
    "devices.leaving",
    "devices.come_back",
    "devices.came_back",
    "devices.enter",
    "devices.claim",
    "devices.arrived",
    "devices.to_enter",
    "groups.join",
    "groups.enter",
    "plan.plan",
    "plan.make",
    "plan.preview",
    "series.calendar_feed",
    "addresses.sign_in",
    "addresses.ask",
    "addresses.sign_in_code",
    "addresses.enter",
    "mine.notes",
}
TO_MEMBERS = {
    "meetings.room",
    "meetings.run",
    "meetings.glance",
    "meetings.signals",
    "meetings.keys",
    "meetings.menu",
    "meetings.language",
    "meetings.code",
    "meetings.invite",
    "meetings.new_link",
    "meetings.press",
    "meetings.keep",
    "meetings.person",
    "meetings.group",
    "meetings.change_group",
    "groups.waiting",
    "groups.stop_waiting",
    "meetings.times",
    "meetings.item_form",
    "meetings.start_next",
    "writings.writing",
    "writings.save",
    "writings.choose",
    "writings.share",
    "reflections.reflection",
    "reflections.save",
    "archive.take",
    "archive.take_series",
    "archive.news",
    "archive.correct",
    "archive.save_correction",
    "archive.restore",
    "series.group",
    "series.news",
    "series.press",
    "plan.dates",
    "plan.change_dates",
    "plan.invite",
    "plan.keep_call",
    "series.calendar_file",
    "series.calendar_page",
    "series.change_calendar",
    "series.duties",
    "series.share_duties",
    "series.settings",
    "series.change_settings",
    "series.last_time",
    "series.mark_last_time",
    "series.room_wishes",
}
TO_ONESELF = {
    "devices.mine",
    "devices.sign_out",
    "devices.code",
    "devices.make_code",
    "data.page",
    "data.file",
    "addresses.address",
    "addresses.add",
    "addresses.address_code",
    "addresses.enter_own",
    "addresses.prove",
    "addresses.send_proof",
    "mine.press",
    "mine.take",
    "merging.ask",
    "merging.answer",
}
"""What somebody sees and does as the person they are, whichever groups they are in."""
OWN = {"take_over", "go_on", "time_up"}
"""Buttons that everybody may press; what they do is asked of the clock."""
EVENTS: dict[str, tuple[Any, ...] | None] = {
    "room:join": (),
    "room:beat": (1,),
    "note:sync": (b"\x00", SCHEMA),
    "note:update": (b"\x00\x00",),
    "note:aware": ("general", b"", b""),
    "note:newest": (),
    "own:sync": (b"\x00", SCHEMA),
    "own:update": (b"\x00\x00",),
    "own:newest": (),
    "clock:read": None,  # it names no meeting
}
"""What each socket event takes after the meeting's number."""
WRONG_SHAPES: list[tuple[Any, ...]] = [
    (),
    (None,),
    ("1",),
    (1.5,),
    (True,),
    ([1],),
    ({"meeting_id": 1},),
    (2**60,),
    (-(2**70),),
    (1, "\x00" * 5000, [], {}),
    (b"\xff" * 10,),
    (1, 1, 1, 1, 1, 1, 1),
]
NAMES = {
    "🦊🏳️‍🌈": 303,
    "שרה כהן": 303,
    "<script>alert(1)</script>": 303,
    '"><img src=x>': 303,
    "{{ 7*7 }}": 303,
    "x" * 40: 303,
    "": 422,
    "   \t": 422,
    "\u200b\u202e": 422,
    "x" * 41: 422,
    "x" * 50_000: 422,
}
MINUTES = ["0", "-1", "600", "241", "abc", "", "1.5", "1e2", "٣", "9" * 400]


def press(client: Any, meeting_id: int, what: str, **fields: Any) -> Any:
    return client.post(f"/m/{meeting_id}/press", data={"press": what, **fields}, headers=HTMX)


def rows() -> dict[str, int]:
    """Return how many rows each table has."""
    db.session.rollback()
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


# Twice


def test_the_same_press_from_the_same_screen_counts_once(people: dict[str, Person], meeting: Any) -> None:
    ada = people["Ada"].client
    press(ada, meeting.id, "start")
    seen = run_of(meeting.id).number
    answers = [press(ada, meeting.id, "next_item", seen=seen) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert run_of(meeting.id).item.id == 2  # type: ignore[union-attr]
    assert run_of(meeting.id).number == seen + 1


def test_a_link_that_is_only_looked_at_changes_nothing(house: House, app: Flask) -> None:
    ada = house.person("Ada")
    before = rows()
    stranger = app.test_client()
    for method in ("GET", "HEAD"):
        answer = stranger.open(house.join_path, method=method)
        assert answer.status_code == 200
    assert not any(
        "ementor" in cookie and "remember" in cookie for cookie in answer.headers.getlist("Set-Cookie")
    )
    ada.client.get(house.join_path)
    assert rows() == before


def test_wrong_links_are_not_found_and_then_not_answered(house: House, app: Flask) -> None:
    house.person("Ada")
    stranger = app.test_client()
    codes = [stranger.get(f"/j/wrong-{number}").status_code for number in range(25)]
    assert codes == [404] * 20 + [429] * 5
    assert app.test_client().get("/").status_code == 200


# Who may


def rules(app: Flask) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, rule.rule, method


def filled(rule: str, about: dict[str, Any]) -> str:
    """Return the address of a rule; what ``about`` does not name is 1."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(about.get(found[1], 1)), rule)


def test_every_route_says_whom_it_is_for(app: Flask) -> None:
    assert {endpoint for endpoint, _, _ in rules(app)} == TO_ALL | TO_MEMBERS | TO_ONESELF


def test_a_stranger_has_nothing_of_their_own(app: Flask, people: dict[str, Person]) -> None:
    before = rows()
    for endpoint, rule, method in rules(app):
        if endpoint in TO_ONESELF:
            assert app.test_client().open(rule, method=method).status_code == 404, endpoint
    assert rows() == before


OTHERS = ["Eve", "a stranger", "who waits", "who was refused", "who was removed"]


def other(who: str, people: dict[str, Person], app: Flask, meeting: Any) -> FreshClient:
    """Return a client of somebody who is not in Ada's group, or not any more."""
    ada, client = people["Ada"], app.test_client()
    if who == "Eve":
        return people["Eve"].client
    if who == "who was removed":
        press(ada.client, meeting.id, "remove_person", person=people["Gus"].id)
        return people["Gus"].client
    if who != "a stranger":
        settings = {"name": "Ada's", "entry": "ask", "greeting": ""}
        assert ada.client.post(f"/m/{meeting.id}/group", data=settings).status_code == 303
        followed(client.post(f"/j/{meeting.group.join_token}", data={"name": "Zoe"}))
    if who == "who was refused":
        zoe = db.session.scalars(select(Waiting.user_id)).one()
        press(ada.client, meeting.id, "refuse", person=zoe)
    return client


@pytest.mark.parametrize("who", OTHERS)
def test_others_find_nothing_at_any_address_of_a_meeting(
    app: Flask, people: dict[str, Person], meeting: Any, who: str
) -> None:
    client = other(who, people, app, meeting)
    theirs = {"groups.waiting", "groups.stop_waiting"} if "wai" in who or "refused" in who else set()
    press(people["Ada"].client, meeting.id, "start")
    for ended in (False, True):
        if ended:
            press(people["Ada"].client, meeting.id, "end")
        before = rows()
        for endpoint, rule, method in rules(app):
            if endpoint not in TO_MEMBERS - theirs:
                continue
            about = {"meeting_id": meeting.id, "group_id": meeting.group_id, "person_id": people["Ben"].id}
            address = filled(rule, about)
            absent = filled(rule, about | {"meeting_id": 999_999, "group_id": 999_999})
            answers = [
                client.open(path, method=method, data={"press": "next_item", "text-1": "mine", "line": "1"})
                for path in (address, absent)
            ]
            assert [answer.status_code for answer in answers] == [404, 404], (endpoint, ended)
            texts = [answer.text.replace("999999", str(meeting.id)) for answer in answers]
            texts = [re.sub(r'(content|value)="[\w.-]{60,}"', "", text) for text in texts]
            assert texts[0] == texts[1], endpoint
        assert rows() == before


@pytest.mark.parametrize("who", OTHERS)
def test_no_button_of_the_room_works_for_others(
    app: Flask, people: dict[str, Person], meeting: Any, who: str
) -> None:
    client = other(who, people, app, meeting)
    press(people["Ada"].client, meeting.id, "start")
    before = rows()
    about = dict.fromkeys(("person", "one", "other"), people["Ben"].id) | {
        "item": 3,
        "place": 4,
        "wish": 1,
    }
    for name in presses.ACTIONS:
        assert press(client, meeting.id, name, **about).status_code == 404, name
    assert rows() == before


def test_each_button_of_the_groups_page_refuses_an_outsider_by_itself(
    app: Flask, people: dict[str, Person], meeting: Any
) -> None:
    """The page asks for the membership before it looks which button it is; so here there is no page."""
    eve, before = db.session.get_one(User, people["Eve"].id), rows()
    numbers = ("person", "planned", "swap", "wish", "meeting", "version", "who")
    form = dict.fromkeys(numbers, "1") | {"became": "done", "mine": "yes", "shown": "yes", "text": "mine"}
    form["first"] = "2026-12-24T10:00"
    for name, do in PRESSES.items():
        with app.test_request_context(), pytest.raises(NotFound):
            do(meeting.group_id, eve, form)
        assert rows() == before, name


def test_no_button_of_a_facilitator_works_for_others(
    people: dict[str, Person], socket_for: Callable[[str], Socket], meeting: Any
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    assert socket_for("Ada").join()["ok"]  # while she is away the others may take over
    press(ada.client, meeting.id, "start")
    before = run_of(meeting.id)
    about: dict[str, dict[str, Any]] = {
        "give_word": {"person": ben.id},
        "enter_item": {"item": 3},
        "skip_item": {"item": 3},
        "unskip_item": {"item": 3},
        "remove_item": {"item": 3},
        "move_item": {"item": 3, "place": 4},
        "up": {"item": 4},
        "down": {"item": 3},
        "add_item": {"mode": "open", "title": "Mine", "minutes": 5},
        "change_item": {"item": 3, "mode": "open", "title": "Mine", "minutes": 5},
        "make_facilitator": {"person": ben.id},
        "hand_over": {"person": people["Gus"].id},
        "remove_person": {"person": people["Gus"].id},
        "let_in": {"person": people["Eve"].id},
        "refuse": {"person": people["Eve"].id},
        "give_role": {"person": people["Gus"].id, "role": "observer"},
        "shuffle": {},
        "drop_item": {"item": 3},
        "set_times": {"must_end_at": "23:30"},
        "name_owner": {"person": ben.id},
        "unname_owner": {"person": ben.id},
        "swap_pair": {"one": ben.id, "other": ada.id},
        "raise_hand": {"person": ada.id},
        "lower_hand": {"person": ada.id},
        "add_wish": {"wish": 1},
    }
    for what in set(presses.ACTIONS) - OWN:
        answer = press(ben.client, meeting.id, what, **about.get(what, {}))
        assert answer.status_code == 403, what
        assert "Only a facilitator can do that." in answer.text, what
    assert press(ben.client, meeting.id, "take_over").status_code == 409
    assert run_of(meeting.id) == before


@pytest.mark.parametrize("ended", [False, True])
def test_every_address_of_a_group_speaks_its_language(
    app: Flask, people: dict[str, Person], meeting: Any, ended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    ada, ben = people["Ada"], people["Ben"]
    for what in ("start", "next_item", "next_item", "reveal", *["end"][: int(ended)]):
        press(ada.client, meeting.id, what)
    ours = db.session.get_one(Group, meeting.group_id)
    ours.locale, ours.everybody_runs = "fi", True
    for person in db.session.scalars(select(User)):
        person.locale = None
    db.session.commit()

    def said(path: str, method: str, browser: str) -> tuple[int, str]:
        headers = {"Accept-Language": browser}
        answer = ben.client.open(path, method=method, data={"press": "rotate_link"}, headers=headers)
        text = answer.data.decode(errors="backslashreplace")  # a Word file is no text
        return answer.status_code, re.sub(r'(content|value)="[\w.-]{60,}"', "", text)

    about = {"meeting_id": meeting.id, "group_id": meeting.group_id, "person_id": ben.id, "item_id": 2}
    for endpoint, rule, method in rules(app):
        if endpoint in TO_MEMBERS:
            path = filled(rule, about)
            assert said(path, method, "en") == said(path, method, "fi"), (endpoint, method)


def test_a_form_without_its_token_does_nothing(app: Flask, people: dict[str, Person], meeting: Any) -> None:
    before = rows()
    for endpoint, rule, method in rules(app):
        if method != "POST":
            continue
        about = {"meeting_id": meeting.id, "group_id": meeting.group_id, "token": meeting.group.join_token}
        address = filled(rule, about)
        client: FreshClient = people["Ada"].client
        answer = client.open(address, method="POST", data={"press": "start", "name": "Zoe"}, csrf=False)
        assert answer.status_code == 400, endpoint
        assert "reload" in answer.text
    assert rows() == before


# Sockets


def events_of(app: Flask) -> set[str]:
    from ementor.extensions import socketio

    return set(socketio.server.handlers["/"]) - {"connect", "disconnect"}


def test_every_socket_event_refuses_an_outsider(
    app: Flask, people: dict[str, Person], meeting: Any, socket_for: Callable[[str], Socket]
) -> None:
    assert events_of(app) == set(EVENTS)
    eve = socket_for("Eve")
    before = rows()
    for event, rest in EVENTS.items():
        if rest is not None:
            assert eve.ask(event, meeting.id, *rest)["error"] == "not_found", event
            assert eve.ask(event, 999_999, *rest)["error"] == "not_found", event
    assert rows() == before
    ada = socket_for("Ada")
    assert ada.join()["ok"]
    assert not eve.received("changed")


def test_arguments_of_a_wrong_shape_are_refused_by_name(
    app: Flask, meeting: Any, socket_for: Callable[[str], Socket]
) -> None:
    before = None
    for event in EVENTS:
        ada = socket_for("Ada")
        assert ada.join()["ok"]
        before = before or rows()
        for shape in WRONG_SHAPES:
            right = [meeting.id, *(EVENTS[event] or ())] if EVENTS[event] is not None else []
            if [type(one) for one in shape] == [type(one) for one in right]:
                continue
            answer = ada.ask(event, *shape)
            assert answer["error"] == "invalid", (event, shape)
            assert answer["message"]
        ada.disconnect()
    assert rows()["meeting_event"] == (before or {})["meeting_event"]


def test_who_floods_is_refused_and_then_cut_off(
    meeting: Any, socket_for: Callable[[str], Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "time", SimpleNamespace(monotonic=lambda: 0.0))  # faster than any refill
    ada, ben = socket_for("Ada"), socket_for("Ben")
    errors = [ada.ask("clock:read").get("error") for _ in range(events.BURST + 5)]
    assert errors == [None] * events.BURST + ["flood"] * 5
    assert ben.ask("clock:read")["ok"]
    for _ in range(events.BURST):
        if ada.is_connected:
            ada.inner.emit("clock:read")
    assert not ada.is_connected
    assert ben.ask("clock:read")["ok"]


# What people type


@pytest.mark.parametrize(("name", "status"), NAMES.items(), ids=[ascii(name)[:20] for name in NAMES])
def test_any_name_is_kept_as_it_is_or_refused_with_a_reason(
    app: Flask, house: House, name: str, status: int
) -> None:
    ada = house.person("Ada")
    before = rows()
    client = app.test_client()
    answer = client.post(house.join_path, data={"name": name})
    assert answer.status_code == status
    if status == 422:
        assert 'id="name-wrong"' in answer.text
        after = rows()
        assert {key: after[key] for key in ("user", "membership")} == {
            key: before[key] for key in ("user", "membership")
        }
        return
    page = shown(ada.client.get(f"/m/{ada.meeting_id}"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    from markupsafe import escape

    assert str(escape(name)) in page


def test_a_name_that_is_taken_comes_with_a_suggestion_that_works(app: Flask, house: House) -> None:
    house.person("Ben")
    answer = app.test_client().post(house.join_path, data={"name": " bEN "})
    assert answer.status_code == 422
    suggestion = re.search(r'name="name" value="([^"]+)"', answer.text)
    assert suggestion
    assert suggestion[1] == "bEN 2"
    followed(app.test_client().post(house.join_path, data={"name": suggestion[1]}))


@pytest.mark.parametrize("minutes", MINUTES, ids=[ascii(text)[:10] for text in MINUTES])
def test_minutes_that_cannot_be_are_refused_and_change_nothing(
    people: dict[str, Person], meeting: Any, minutes: str
) -> None:
    ada = people["Ada"].client
    before = run_of(meeting.id)
    words = {"title": "Longer", "prompt": "", "mode": "open", "minutes": minutes}
    answers = [
        press(ada, meeting.id, "add_item", **words),
        press(ada, meeting.id, "change_item", item=1, **words),
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("minutes" in answer.text for answer in answers)
    assert run_of(meeting.id) == before


@pytest.mark.parametrize(
    ("title", "prompt", "status"),
    [
        ("", "", 422),
        ("   ", "", 422),
        ("x" * 121, "", 422),
        ("Long prompt", "x" * 601, 422),
        ("<script>alert(2)</script>", "<b>bold?</b>", 200),
        ("🦊 שלום", "שורה\nשנייה", 200),
    ],
)
def test_words_of_an_item_are_words(
    people: dict[str, Person], meeting: Any, title: str, prompt: str, status: int
) -> None:
    ada = people["Ada"].client
    before = run_of(meeting.id).number
    answer = press(ada, meeting.id, "add_item", title=title, prompt=prompt, mode="open", minutes="5")
    assert answer.status_code == status
    assert run_of(meeting.id).number == before + (status == 200)
    assert "<script>alert" not in answer.text
    assert "<b>bold" not in answer.text


# Too late


def test_commands_for_what_has_gone_are_refused_with_a_reason(
    house: House, socket_for: Callable[[str], Socket]
) -> None:
    house.template = MEPE
    for name in ("Ada", "Ben", "Gus"):
        socket_for(name).join()
    ada, meeting = house.person("Ada").client, house.person("Ada").meeting_id
    press(ada, meeting, "remove_item", item=3)
    words = {"title": "New", "prompt": "", "mode": "open", "minutes": "5"}
    for what, fields in {
        "change_item": words,
        "move_item": {"place": 1},
        "up": {},
        "skip_item": {},
        "remove_item": {},
    }.items():
        answer = press(ada, meeting, what, item=3, **fields)
        assert answer.status_code == 409, what
        assert "deleted that item from the agenda" in answer.text, what
    press(ada, meeting, "start")
    press(ada, meeting, "next_item")
    press(ada, meeting, "next")  # Ada's turn
    seen = run_of(meeting).number
    press(ada, meeting, "next")  # Ben's turn
    assert press(ada, meeting, "pass", seen=seen).status_code == 200  # Ada's own has gone by
    run = run_of(meeting)
    assert (run.speaker, run.course.passed) == (house.person("Ben").id, frozenset())
    press(ada, meeting, "end")
    answer = press(ada, meeting, "next_item")
    assert answer.status_code == 409
    assert "ended" in answer.text


@pytest.mark.parametrize(
    "fields", [{}, {"press": "dance"}, {"press": "give_word"}, {"press": "up", "item": "x"}]
)
def test_a_press_of_no_button_is_refused(
    people: dict[str, Person], meeting: Any, fields: dict[str, str]
) -> None:
    answer = people["Ada"].client.post(f"/m/{meeting.id}/press", data=fields, headers=HTMX)
    assert answer.status_code in {400, 422}
    assert 'class="notice"' in answer.text or "<p" in answer.text


# At once, in processes of their own


class Presser:
    """Somebody who presses as fast as the connection allows: the token is asked for once."""

    def __init__(self, server: Server, name: str) -> None:
        self.meeting_id = server.house.person(name).meeting_id
        self.client = server.client_for(name)
        page = shown(self.client.get(f"/m/{self.meeting_id}"))
        self.headers = HTMX | {"X-CSRFToken": csrf_token(page), "Origin": server.url}

    def press(self, what: str, **fields: Any) -> requests.Response:
        answer: requests.Response = self.client.post(
            f"/m/{self.meeting_id}/press", data={"press": what, **fields}, headers=self.headers, csrf=False
        )
        return answer

    def run(self) -> str:
        return shown(self.client.get(f"/m/{self.meeting_id}/run", headers=HTMX))

    def number(self) -> int:
        return int(re.findall(r'data-number="(\d+)"', self.run())[0])


def speaker_in(part: str) -> int:
    found = re.search(r'id="order-(\d+)" aria-current="true"', part)
    assert found, part
    return int(found[1])


def both_press_next(pressers: list[Presser], names: list[int], pairs: int) -> None:
    """Let two facilitators press "next" at the same moment, again and again."""
    start = threading.Barrier(2)
    answers: list[Any] = [None, None]
    for number in range(pairs):
        place = number % (len(names) - 1)
        while number and place == 0 and speaker_in(pressers[0].press("back").text) != names[0]:
            pass  # a turn back each, to the first of the round
        seen = pressers[0].number()

        def go(which: int, seen: int = seen) -> None:
            start.wait()
            answers[which] = pressers[which].press("next", seen=seen)

        threads = [threading.Thread(target=go, args=(which,)) for which in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text + answers[1].text
        shown_to_both = {speaker_in(answer.text) for answer in answers}
        assert shown_to_both == {names[place + 1]}, f"pair {number}"
        assert pressers[1].number() == seen + 1


def begin_round(server: Server, more: Server, names: tuple[str, ...]) -> list[int]:
    ada = Presser(server, "Ada")
    for name in names:
        assert (server if name < "C" else more).socket_for(name).join()["ok"]
    ada.press("make_facilitator", person=server.house.person("Ben").id)
    ada.press("start")
    ada.press("next_item")
    part = ada.press("next").text
    assert speaker_in(part) == server.house.person(names[0]).id
    return [server.house.person(name).id for name in names]


SIX = ("Ada", "Ben", "Cai", "Dan", "Eli", "Fay")


def test_f10_of_two_who_press_next_at_once_one_moves_the_turn(server: Server) -> None:
    server.house.template = MEPE
    ids = begin_round(server, server, SIX)
    both_press_next([Presser(server, "Ada"), Presser(server, "Ben")], ids, pairs=40)


def test_f10_of_two_processes_one_moves_the_turn(two_servers: tuple[Server, Server]) -> None:
    first, second = two_servers
    first.house.template = MEPE
    ids = begin_round(first, second, SIX)
    both_press_next([Presser(first, "Ada"), Presser(second, "Ben")], ids, pairs=40)


def test_of_two_who_join_by_one_name_at_once_one_gets_it(server: Server) -> None:
    server.house.person("Ada")
    for number in range(10):
        pair = [server.house.new_client() for _ in range(2)]
        for client in pair:
            client.headers["X-CSRFToken"] = csrf_token(client.get("/").text)
            client.headers["Origin"] = server.url
        start = threading.Barrier(2)
        answers: list[Any] = []

        def go(client: Any, name: str, start: threading.Barrier, answers: list[Any]) -> None:
            start.wait()
            answers.append(client.post(server.house.join_path, data={"name": name}, csrf=False))

        names = (f"Kim{number}", f"KIM{number}")
        threads = [
            threading.Thread(target=go, args=(client, name, start, answers))
            for client, name in zip(pair, names, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers) == [303, 422]
        refused = next(answer for answer in answers if answer.status_code == 422)
        assert "How about" in refused.text
        if number == 4:
            break  # a group holds twelve


# Connections that are not ours


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", None])
def test_r26_a_socket_from_another_site_is_refused(server: Server, origin: str | None) -> None:
    ben = server.house.person("Ben")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in ben.client.cookies)
    client = clients.Client(reconnection=False, websocket_extra_options={"suppress_origin": True})
    headers = {"Cookie": cookies} | ({"Origin": origin} if origin else {})
    auth = {"token": ben.socket_token}
    if origin is None:
        auth, headers["Origin"] = {}, server.url  # the right site, but no page of this session
    with pytest.raises(clients.exceptions.ConnectionError):
        client.connect(server.url, headers=headers, auth=auth, transports=["websocket"])
    with pytest.raises(clients.exceptions.ConnectionError):
        RemoteSocket(server.url, ben, token="0" * 64)


# The server ends, or is ended


def test_who_ends_it_politely_waits_five_seconds_at_most(server: Server) -> None:
    sockets = [server.socket_for(name) for name in ("Ada", "Ben", "Gus") for _ in range(5)]
    for one in sockets:
        assert one.join()["ok"]
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5
    for one in sockets:
        wait_until(lambda one=one: one.received("bye"), "the server to say goodbye", 2)


def test_f01_all_that_was_acknowledged_survives_a_kill(server: Server) -> None:
    ada, ben = server.socket_for("Ada"), server.socket_for("Ben")
    assert ada.join()["ok"]
    assert ben.join()["ok"]
    copy = NotesClient(ben)
    copy.sync()
    presser = Presser(server, "Ada")
    reflecting = Presser(server, "Ben")
    presser.press("start")
    acknowledged: dict[str, list[Any]] = {"number": [], "note": [], "answer": []}

    def press_on() -> None:
        for _ in range(1000):
            part = presser.press("plus_minute").text
            acknowledged["number"].append(int(re.findall(r'data-number="(\d+)"', part)[0]))

    def write_on() -> None:
        for number in range(1000):
            if copy.write(f"({number})")["ok"]:
                acknowledged["note"].append(number)

    def answer_on() -> None:
        address = f"/m/{reflecting.meeting_id}/reflection"
        for number in range(1000):
            data = {"text-1": f"version {number}"}
            answer = reflecting.client.post(address, data=data, headers=reflecting.headers, csrf=False)
            if answer.status_code == 200:
                acknowledged["answer"].append(number)

    def until_it_dies(work: Callable[[], None]) -> None:
        try:
            work()
        except (requests.RequestException, clients.exceptions.SocketIOError):
            return

    threads = [
        threading.Thread(target=until_it_dies, args=(work,)) for work in (press_on, write_on, answer_on)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: min(map(len, acknowledged.values())) >= 15, "everybody to be under way")
    server.kill()
    for thread in threads:
        thread.join(20)
    server.start()
    assert presser.number() >= acknowledged["number"][-1]
    again = NotesClient(server.socket_for("Ada"))
    assert again.socket.join()["ok"]
    again.sync()
    kept = again.text()
    assert all(kept.count(f"({number})") == 1 for number in acknowledged["note"])
    page = shown(reflecting.client.get(f"/m/{reflecting.meeting_id}/reflection"))
    version = re.search(r"version (\d+)</textarea>", page)
    assert version
    assert int(version[1]) >= acknowledged["answer"][-1]


def test_who_does_not_return_after_a_kill_is_away_within_a_minute(server: Server) -> None:
    ada, gus = server.socket_for("Ada"), server.socket_for("Gus")
    assert ada.join()["ok"]
    assert gus.join()["ok"]
    server.kill()
    server.start()
    assert server.socket_for("Ada").join()["ok"]
    looking = Presser(server, "Ada")
    assert not away(looking.run())
    wait_until(lambda: away(looking.run()) == {gus.person.id}, "Gus to be away", 60)


def test_who_reads_nothing_holds_up_nobody(server: Server) -> None:
    ada, ben = server.socket_for("Ada"), server.socket_for("Ben")
    assert ada.join()["ok"]
    assert ben.join()["ok"]
    deaf = deaf_socket(server, "Gus")
    copy = NotesClient(ada)
    copy.sync()
    for _ in range(9):  # as much at once as one person may write
        before = len(ben.received("note:update"))
        answer = copy.write("long " * 20_000)
        assert answer["ok"], answer
        assert copy.erase(100_000)["ok"]
        ben.wait_for("note:update", after=before + 1, timeout_s=5)
    deaf.close()


def deaf_socket(server: Server, name: str) -> Any:
    """Open a socket in the room that never reads again, with a small window."""
    person = server.house.person(name)
    line = websocket.create_connection(
        f"{server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket",
        cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in person.client.cookies),
        origin=server.url,
        sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)],
        timeout=5,
    )
    assert line.recv().startswith("0")
    line.send(f'40{{"token":"{person.socket_token}"}}')
    assert line.recv().startswith("40")
    line.send(f'420["room:join",{person.meeting_id}]')
    while not line.recv().startswith("430"):
        pass  # what the others have just done
    return line


def away(part: str) -> set[int]:
    return {int(number) for number in re.findall(r'<li class="away" id="person-(\d+)"', part)}


def test_the_files_of_the_database_hold_no_plain_words(server: Server, sqlite_settings: Settings) -> None:
    marker = "Quetzalcoatlus"
    ben = server.house.person(marker)
    socket = server.socket_for(marker)
    assert socket.join()["ok"]
    copy = NotesClient(socket)
    copy.sync()
    assert copy.write(marker)["ok"]
    page = ben.client.post(f"/m/{ben.meeting_id}/reflection", data={"text-1": marker}, headers=HTMX)
    assert page.status_code == 200
    Presser(server, "Ada").press("add_item", title=marker, prompt=marker, mode="open", minutes=5)
    files = [path for path in Path(sqlite_settings["INSTANCE"]).rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        content = path.read_bytes()
        assert marker.encode() not in content, path
        assert marker.encode("utf-16-le") not in content, path
        assert path.stat().st_mode & 0o077 == 0, path
    assert marker not in server.log()
    server.kill(signal.SIGKILL)


def test_the_log_counts_without_gaps(people: dict[str, Person], meeting: Any) -> None:
    ada = people["Ada"].client
    for what in ("start", "next_item", "back", "pause", "resume", "plus_minute", "next_item"):
        press(ada, meeting.id, what)
    numbers = db.session.scalars(
        select(MeetingEvent.number).where(MeetingEvent.meeting_id == meeting.id).order_by(MeetingEvent.number)
    ).all()
    assert list(numbers) == list(range(1, len(numbers) + 1))
