"""Two processes on one PostgreSQL and one Redis: people of one room on both, also while Redis is away."""

from __future__ import annotations

import math
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.copies import NotesClient
from tests.support.machine import wait_until
from tests.support.outside import RemoteClient, RemoteSocket, Server
from tests.support.people import followed, shown
from tests.support.servers import Redis

HTMX = {"HX-Request": "true"}
SOON_S = 5
BY_THE_POLL_S = 20  # a poll comes every 2 s, but what it waits for may be held up by its neighbours


class There:
    """Somebody in the room on one of the two processes."""

    def __init__(self, server: Server, name: str, *, pushed: bool = False) -> None:
        self.client = server.client_for(name)
        self.socket: RemoteSocket = server.socket_for(name)
        self.meeting_id = self.socket.person.meeting_id
        side = ("none",) if pushed else ()
        assert self.socket.ask("room:join", self.meeting_id, *side)["ok"]
        self.notes = NotesClient(self.socket)
        self.notes.sync()

    def press(self, what: str, **fields: Any) -> None:
        data = {"press": what, **fields}
        answer = self.client.post(f"/m/{self.meeting_id}/press", data=data, headers=HTMX)
        assert answer.status_code == 200, answer.text

    def number(self) -> int:
        """Return what the socket has told: the newest number of the meeting."""
        return max((said["number"] for said in self.socket.received("changed")), default=0)

    def pushed(self) -> str:
        """Return the newest part that came by itself."""
        newest = max(self.socket.received("run"), key=lambda one: one["number"], default={"html": ""})
        return str(newest["html"])

    def page(self, part: str = "run") -> str:
        return shown(self.client.get(f"/m/{self.meeting_id}/{part}", headers=HTMX))

    def told(self) -> int:
        """Return the newest edit that came by itself, as only Redis brings it from elsewhere."""
        return max((said["number"] for said in self.socket.received("note:update")), default=0)

    def poked(self) -> int:
        """Return the newest edit that was heard of, by the poll too."""
        pokes = [said["number"] for said in self.socket.received("note:poke")]
        return max(self.told(), *pokes, 0)


@pytest.fixture
def pair(two_servers: tuple[Server, Server]) -> tuple[There, There]:
    """Ada is on the first process, Ben on the second."""
    first, second = two_servers
    return There(first, "Ada"), There(second, "Ben")


def hears(who: There, news: Callable[[], bool], what: str, within_s: float) -> None:
    wait_until(news, f"{who.socket.person.name} to hear of {what}", within_s)


def test_presses_cross(pair: tuple[There, There]) -> None:
    ada, ben = pair
    before = ben.number()
    ada.press("start")
    hears(ben, lambda: ben.number() > before, "the start", SOON_S)
    assert 'aria-current="step"' in ben.page()


@pytest.mark.parametrize("how", ["by the queue", "by the poll"])
def test_each_process_pushes_to_its_own_pages(
    two_servers: tuple[Server, Server], redis: Redis, how: str
) -> None:
    ada, ben = (There(one, name, pushed=True) for one, name in zip(two_servers, ("Ada", "Ben"), strict=True))
    if how == "by the poll":
        redis.kill()
    try:
        ada.press("start")
        for who in ada, ben:
            hears(who, lambda who=who: 'aria-current="step"' in who.pushed(), "the start", BY_THE_POLL_S)
        assert "Group settings" in ada.pushed()
        assert "Group settings" not in ben.pushed()
    finally:
        if how == "by the poll":
            redis.start()


def test_people_on_both_are_in_one_room(pair: tuple[There, There]) -> None:
    ada, ben = pair
    assert "2 here" in ada.page()
    assert ada.page().count('class="away"') == ben.page().count('class="away"') == 0


def test_notes_cross_at_once(pair: tuple[There, There]) -> None:
    ada, ben = pair
    number = ada.notes.write("from Ada ")["number"]
    hears(ben, lambda: ben.told() >= number, "Ada's words", SOON_S)
    ben.notes.sync()
    number = ben.notes.write("from Ben ")["number"]
    hears(ada, lambda: ada.told() >= number, "Ben's words", SOON_S)
    ada.notes.sync()
    assert ada.notes.text() == ben.notes.text()
    assert "from Ben from Ada" in ada.notes.text()


def test_reflections_cross(pair: tuple[There, There]) -> None:
    ada, ben = pair
    ada.press("start")
    before = ada.number()
    fields = {"text-1": "said on the second", "sharing-1": "named", "done": "yes"}
    assert ben.client.post(f"/m/{ben.meeting_id}/reflection", data=fields, headers=HTMX).status_code == 200
    hears(ada, lambda: ada.number() > before, "Ben's being done", SOON_S)
    assert "1 of 2 ready" in ada.page("reflection")
    before = ben.number()
    ada.press("reveal")
    hears(ben, lambda: ben.number() > before, "the reveal", SOON_S)
    assert "said on the second" in ada.page("reflection").partition("<form")[0]


def test_who_is_removed_is_out_on_the_other_process(pair: tuple[There, There]) -> None:
    ada, ben = pair
    ada.press("remove_person", person=ben.socket.person.id)
    hears(ben, lambda: not ben.socket.is_connected, "being removed", SOON_S)
    assert ben.socket.received("gone")  # by the queue, and again by the poll when that comes first
    assert ben.client.get(f"/m/{ben.meeting_id}").status_code == 404
    assert "Ben" not in ada.page().partition('id="people"')[2].partition("</section>")[0]


def test_without_redis_who_is_removed_is_out_by_the_next_round(
    pair: tuple[There, There], redis: Redis
) -> None:
    ada, ben = pair
    redis.kill()
    try:
        ada.press("remove_person", person=ben.socket.person.id)
        hears(ben, lambda: not ben.socket.is_connected, "being removed", BY_THE_POLL_S)
    finally:
        redis.start()


def test_a_facilitator_here_lets_in_who_waits_there(
    pair: tuple[There, There], two_servers: tuple[Server, Server]
) -> None:
    ada, ben = pair
    settings = {"name": "Ada's", "entry": "ask", "greeting": ""}
    assert ada.client.post(f"/m/{ada.meeting_id}/group", data=settings).status_code == 303
    before, zoe = ada.number(), RemoteClient(two_servers[1].url)
    waiting = followed(zoe.post(two_servers[0].house.join_path, data={"name": "Zoe"}))
    hears(ada, lambda: ada.number() > before, "Zoe", SOON_S)
    found = re.search(r"person=(\d+)[^>]*>(?:<span>)?Let in", ada.page())
    assert found
    ada.press("let_in", person=found[1])
    assert zoe.get(waiting, headers=HTMX).headers["HX-Refresh"] == "true"
    assert "Zoe" in ben.page()


def test_one_process_ends_and_the_other_goes_on(
    two_servers: tuple[Server, Server], pair: tuple[There, There]
) -> None:
    ada, ben = pair
    number = ben.notes.write("kept ")["number"]
    two_servers[1].kill()
    ada.press("start")
    hears(ada, lambda: ada.poked() >= number, "Ben's words", SOON_S)
    ada.notes.sync()
    assert "kept" in ada.notes.text()
    moved = There(two_servers[0], "Ben")
    assert "2 here" in moved.page()


@pytest.mark.parametrize("how", ["killed", "hanging"])
def test_f03_f04_without_redis_the_room_goes_on(pair: tuple[There, There], redis: Redis, how: str) -> None:
    """Each process looks every two seconds for what the other has written."""
    ada, ben = pair
    if how == "killed":
        redis.kill()
    else:
        redis.tell(signal.SIGSTOP)
    try:
        quickest_s = math.inf
        for who, other in ((ada, ben), (ben, ada)):
            before = other.number()
            began = time.monotonic()
            if who is ada:
                ada.press("start")
            else:
                fields = {"done": "yes"}
                address = f"/m/{ben.meeting_id}/reflection"
                answer = ben.client.post(address, data=fields, headers=HTMX)
                assert answer.status_code == 200
            quickest_s = min(quickest_s, time.monotonic() - began)
            hears(other, lambda other=other, before=before: other.number() > before, "it", BY_THE_POLL_S)
            number = who.notes.write(f"without Redis {how} ")["number"]
            hears(other, lambda other=other, number=number: other.poked() >= number, "notes", BY_THE_POLL_S)
            other.notes.sync()
            assert other.notes.text() == who.notes.text()
            assert who.page()
            assert other.page()
        assert quickest_s < 2  # nobody waits for Redis; a busy machine may keep one of them waiting
    finally:
        if how == "killed":
            redis.start()
        else:
            redis.tell(signal.SIGCONT)
    before = ben.number()
    ada.press("pause")
    hears(ben, lambda: ben.number() > before, "a press once Redis is back", BY_THE_POLL_S)
