"""The room's part is pushed to who may see it, as they would be answered; the others ask, or get nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import SignIn
from ementor.database import db
from ementor.extensions import limiter, socketio
from ementor.groups import services as groups
from ementor.groups.models import Membership
from ementor.meetings import pushing, services, sockets
from ementor.meetings.models import Meeting
from tests.integration.test_access import press, whom_the_group_lets_run
from tests.integration.test_events import statements
from tests.support import markers
from tests.support.inside import Socket
from tests.support.machine import wait_until
from tests.support.people import Person, said
from tests.support.series import Wait, come

ANY_SIDE = "none"
HTMX = {"HX-Request": "true"}


class Watcher:
    """Somebody whose page takes pushed parts."""

    def __init__(self, socket: Socket, side: str = ANY_SIDE) -> None:
        self.socket, self.person = socket, socket.person
        answer = socket.ask("room:join", self.person.meeting_id, side)
        assert answer["ok"], answer

    def pushed(self) -> list[Any]:
        return self.socket.received("run")

    def told(self) -> list[int]:
        return [message["number"] for message in self.socket.received("changed")]

    def part(self, number: int) -> str:
        """Wait for the part of an event, and return it."""

        def come() -> str | None:
            return next((one["html"] for one in self.pushed() if one["number"] == number), None)

        return wait_until(come, f"{self.person.name} to be pushed {number}") or ""


@pytest.fixture
def watch(socket_for: Callable[[str], Socket]) -> Callable[[str], Watcher]:
    return lambda name: Watcher(socket_for(name))


def number_of(answer: Any) -> int:
    assert answer.status_code == 200, answer.text
    return int(said(answer.text, r'data-number="(\d+)"'))


def started(person: Person, *watchers: Watcher) -> int:
    """Let ``person`` start the meeting; return its number once that was pushed to all of these.

    The thread that pushed it has ended by then, so that what comes next is pushed by one of its own.
    """
    number = number_of(press(person, "start"))
    for watcher in watchers:
        watcher.part(number)
    wait_until(lambda: not pushing.is_working(), "the pushes to end")
    return number


def without_instant(html: str) -> str:
    return re.sub(r'data-now="[^"]*"', "", html)


@pytest.mark.parametrize("is_started", [False, True])
def test_what_is_pushed_is_what_would_be_answered(
    people: dict[str, Person],
    watch: Callable[[str], Watcher],
    is_started: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = clock.now()
    watchers = [watch(name) for name in ("Ada", "Ben", "Gus")]
    if is_started:
        started(people["Ada"], *watchers)
    monkeypatch.setattr(clock, "now", lambda: at)  # so that the ring is drawn at one instant
    number = number_of(press(people["Ada"], "give_role", person=people["Gus"].id, role="observer"))
    for watcher in watchers:
        asked = watcher.person.client.get(f"/m/{watcher.person.meeting_id}/run", headers=HTMX)
        assert without_instant(watcher.part(number)) == without_instant(asked.text)
    assert "Group settings" in watchers[0].part(number)
    assert "Group settings" not in watchers[1].part(number)


def test_what_the_page_has_beside_the_turn_is_not_pushed_again(
    people: dict[str, Person], watch: Callable[[str], Watcher]
) -> None:
    ben = watch("Ben")
    first = started(people["Ada"], ben)
    number = number_of(press(people["Ada"], "pause"))
    assert 'id="agenda"' not in ben.part(number)
    side = said(ben.part(number), r'id="side" data-same="(\w+)"')
    assert side in "".join(one["html"] for one in ben.pushed() if one["number"] <= first)


def sid_of(watcher: Watcher) -> str:
    return str(socketio.server.manager.sid_from_eio_sid(watcher.socket.inner.eio_sid, "/"))


def press_from(watcher: Watcher, who: Person, button: str) -> int:
    """Press as a page does that says which socket is its own: that of ``watcher``."""
    headers = HTMX | {"X-Socket": sid_of(watcher)}
    address = f"/m/{who.meeting_id}/press"
    return number_of(who.client.post(address, data={"press": button}, headers=headers))


def test_whoever_is_answered_with_the_part_is_not_pushed_it_as_well(
    people: dict[str, Person], watch: Callable[[str], Watcher]
) -> None:
    ada, ben = watch("Ada"), watch("Ben")
    number = press_from(ada, people["Ada"], "start")
    ben.part(number)
    later = number_of(press(people["Ada"], "pause"))
    ada.part(later)  # as nobody said whose page that was
    assert number not in [one["number"] for one in ada.pushed()]
    assert later not in ada.told()


def test_what_is_pushed_is_in_the_language_of_the_last_answer(
    people: dict[str, Person], watch: Callable[[str], Watcher]
) -> None:
    ben = watch("Ben")
    started(people["Ada"], ben)
    assert people["Ben"].client.post("/language", data={"locale": "sv"}).status_code == 303
    headers = HTMX | {"X-Socket": sid_of(ben)}
    asked = people["Ben"].client.get(f"/m/{ben.person.meeting_id}/run", headers=headers).text
    part = ben.part(number_of(press(people["Ada"], "pause")))
    names = [said(html, r'class="stage card"[^>]* aria-label="([^"]+)"') for html in (asked, part)]
    assert names[0] == names[1] != "Turn"


def test_a_press_holds_nobody_elses_part_back(
    people: dict[str, Person], watch: Callable[[str], Watcher]
) -> None:
    """Eve and Ben say that their page is Ada's; and what is refused brings no part."""
    ada = watch("Ada")
    number_of(press(people["Ada"], "start"))
    headers = HTMX | {"X-Socket": sid_of(ada)}
    address = f"/m/{people['Ben'].meeting_id}/press"
    raised = {"press": "give_role", "person": people["Ben"].id, "role": "observer"}
    ada.part(number_of(people["Ben"].client.post(address, data=raised, headers=headers)))
    assert people["Eve"].client.post(address, data=raised, headers=headers).status_code == 404
    assert people["Ada"].client.post(address, data={"press": "nothing"}, headers=headers).status_code == 400
    ada.part(number_of(press(people["Ada"], "pause")))


def test_all_rights_are_asked_by_one_statement(
    people: dict[str, Person], meeting: Meeting, watch: Callable[[str], Watcher]
) -> None:
    watchers = [watch(name) for name in ("Ada", "Ben", "Gus")]
    number = started(people["Ada"], *watchers)
    screens = list(pushing._screens[f"meeting-{meeting.id}"].values())
    for screen in screens:
        screen.number = 0
    with statements() as asked:
        pushing._push(meeting.id, screens)
    assert asked == ["SELECT", "SELECT"]  # rights with the newest number, and the members
    assert all([one["number"] for one in each.pushed()].count(number) == 2 for each in watchers)


def test_who_is_in_the_answer_about_many(people: dict[str, Person], meeting: Meeting) -> None:
    ada, ben, gus, eve = (people[name] for name in ("Ada", "Ben", "Gus", "Eve"))
    group = meeting.group
    zoe = accounts.sign_in(come(group, "Zoe"))
    groups.remove(group.id, zoe.id, actor=db.session.get_one(type(zoe), ada.id))
    group.entry = "ask"
    wanda = accounts.sign_in(come(group, "Wanda"))
    sign_ins = {row.token_hash: row.user_id for row in db.session.scalars(select(SignIn))}
    assert set(sign_ins.values()) == {one.id for one in (ada, ben, gus, eve, zoe, wanda)}
    db.session.execute(update(SignIn).where(SignIn.user_id == gus.id).values(left_at=clock.now()))
    whom_the_group_lets_run(ben)
    db.session.commit()
    found = services.accesses_by(meeting.id, sign_ins=sign_ins)
    assert {one.user_id for one in found.values()} == {ada.id, ben.id}
    for token, access in found.items():
        assert access == services.access_by(meeting.id, sign_in=token)
        assert access.user_id == sign_ins[token]
        assert access.somebody_waits
    db.session.execute(delete(SignIn).where(SignIn.user_id == ben.id))
    db.session.commit()
    assert {one.user_id for one in services.accesses_by(meeting.id, sign_ins=sign_ins).values()} == {ada.id}
    assert services.accesses_by(999_999, sign_ins=sign_ins) == {}


def removed(person: Person) -> None:
    query = update(Membership).where(Membership.user_id == person.id)
    db.session.execute(query.values(ended_at=clock.now()))


def signed_out(person: Person) -> None:
    db.session.execute(delete(SignIn).where(SignIn.user_id == person.id))


@pytest.mark.parametrize("change", [removed, signed_out])
def test_whoever_may_not_see_the_meeting_any_more_gets_nothing(
    people: dict[str, Person], watch: Callable[[str], Watcher], change: Callable[[Person], None]
) -> None:
    ben, gus = watch("Ben"), watch("Gus")
    number = started(people["Ada"], ben, gus)
    change(people["Ben"])
    db.session.commit()
    for button in ("pause", "resume"):
        gus.part(number_of(press(people["Ada"], button)))
    assert max(one["number"] for one in ben.pushed()) == number
    assert not ben.told()


def test_of_a_meeting_that_has_ended_pages_hear_the_number(
    people: dict[str, Person], watch: Callable[[str], Watcher]
) -> None:
    ben = watch("Ben")
    started(people["Ada"], ben)
    assert press(people["Ada"], "end").status_code == 200
    number = services.numbers([people["Ben"].meeting_id])[people["Ben"].meeting_id]
    wait_until(lambda: number in ben.told(), "Ben to hear of the end")
    assert number not in [one["number"] for one in ben.pushed()]
    assert press(people["Ada"], "reopen").status_code == 200
    ben.part(number + 1)


@pytest.mark.parametrize("error", [OperationalError("", None, Exception()), ZeroDivisionError()])
def test_where_a_part_cannot_be_made_its_page_hears_the_number(
    people: dict[str, Person],
    watch: Callable[[str], Watcher],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    ben = watch("Ben")
    started(people["Ada"], ben)
    with monkeypatch.context() as patch:
        patch.setattr(services, "accesses_by", fail)
        number = number_of(press(people["Ada"], "pause"))
        wait_until(lambda: number in ben.told(), "Ben to hear the number")
    ben.part(number_of(press(people["Ada"], "resume")))


def test_a_meeting_that_changed_again_is_pushed_once_as_it_is_now(
    people: dict[str, Person], watch: Callable[[str], Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = watch("Ben")
    first = started(people["Ada"], ben)
    held: list[Callable[[], None]] = []
    with monkeypatch.context() as patch:
        patch.setattr(socketio, "start_background_task", held.append)
        for button in ("pause", "resume", "pause"):
            number = number_of(press(people["Ada"], button))
    assert len(held) == 1
    held[0]()
    assert [one["number"] for one in ben.pushed() if one["number"] > first] == [number]


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import socket
import gevent
from ementor.extensions import socketio
from ementor.meetings import pushing
socketio.async_mode = "gevent"
said, asked = [], socket.socketpair()

def push(room, *_):
    asked[0].send(b"?")
    said.append(room)

def answer():
    while asked[1].recv(1):
        said.append("answer")

pushing._push_or_hint = push
gevent.spawn(answer)
gevent.sleep(0.01)
for room in range(40):
    pushing._due[str(room)] = 1
pushing._work()
print(said.index("answer"), said.count("answer") > 20)
"""


def test_between_two_rooms_others_are_heard() -> None:
    """Also who asks by a connection: for those gevent does not look at each turn."""
    done = subprocess.run(
        [sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["1", "True"], done.stderr


def test_within_a_large_room_others_have_a_turn(
    people: dict[str, Person],
    meeting: Meeting,
    watch: Callable[[str], Watcher],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watchers = [watch(name) for name in ("Ada", "Ben", "Gus")]
    started(people["Ada"], *watchers)
    screens = list(pushing._screens[f"meeting-{meeting.id}"].values())
    for screen in screens:
        screen.number = 0
    breaths: list[float] = []
    monkeypatch.setattr(pushing, "AT_ONCE", 1)
    monkeypatch.setattr(pushing, "time", SimpleNamespace(sleep=breaths.append))
    pushing._push(meeting.id, screens)
    assert len(breaths) == len(screens)
    assert all(breaths)


def test_of_a_page_that_has_gone_nothing_is_kept(
    people: dict[str, Person], meeting: Meeting, watch: Callable[[str], Watcher]
) -> None:
    ada, ben = watch("Ada"), watch("Ben")
    sid = sid_of(ben)
    sockets.here.pop(sid)  # as of one whose presence was swept
    assert {sid_of(ada), sid} <= pushing._screens[f"meeting-{meeting.id}"].keys()
    ben.socket.disconnect()
    assert set(pushing._screens[f"meeting-{meeting.id}"]) == {sid_of(ada)}
    ada.socket.disconnect()
    assert f"meeting-{meeting.id}" not in pushing._screens


def test_a_page_that_takes_no_pushes_hears_the_number(
    people: dict[str, Person], socket_for: Callable[[str], Socket], watch: Callable[[str], Watcher]
) -> None:
    ben, gus = watch("Ben"), socket_for("Gus")
    assert gus.join()["ok"]
    number = number_of(press(people["Ada"], "start"))
    assert number in [message["number"] for message in gus.received("changed")]
    ben.part(number)
    assert not gus.received("run")
    assert number not in ben.told()


@pytest.fixture
def world(app: Flask, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> Iterator[markers.World]:
    monkeypatch.setattr(limiter, "enabled", False)
    world = markers.build(app, wait)
    markers.go_on(world)
    yield world
    world.leave()


def test_nobody_is_pushed_anothers_private_words_or_a_token(world: markers.World) -> None:
    names = ("Ada", "Ben", "Gus", "Cilla")
    watchers = []
    for name in names:
        socket = world.enter(name, world.second)
        watchers.append(Watcher(socket))
    pushed: list[str] = []
    for button in ("plus_minute", "pause", "resume"):
        answer = world.client("Ada").post(f"/m/{world.second}/press", data={"press": button}, headers=HTMX)
        pushed += [watcher.part(number_of(answer)) for watcher in watchers]
    for watcher in watchers:
        parts = "".join(one["html"] for one in watcher.pushed())
        found = {kind for kind, word in world.marks.items() if word in markers.words_of(parts.encode())}
        assert found == set(), watcher.person.name
        assert "csrf" not in parts
        assert watcher.person.socket_token not in parts
    secrets = [client.token for client in world.clients.values() if client.token]
    assert secrets
    assert not [one for one in secrets if any(one in part for part in pushed)]
