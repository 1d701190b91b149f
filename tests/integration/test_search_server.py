"""The words of records on real servers: found seconds after the end, after a kill and a restart too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.people import followed, shown

SOON_S = 60  # two seconds for the dictionaries and two for a background job, on a machine of its own


def end(server: Server) -> int:
    ada = server.client_for("Ada")
    meeting_id = server.house.meeting_id
    for what in ("start", "end"):
        followed(ada.post(f"/m/{meeting_id}/press", data={"press": what}))
    return meeting_id


def is_found(server: Server, meeting_id: int) -> Callable[[], bool]:
    def ask() -> bool:
        page = shown(server.client_for("Ada").get("/notes?q=reflection"))
        return f'href="/m/{meeting_id}' in page and "<mark>" in page

    return ask


def test_a_meeting_is_found_soon_after_its_end_and_after_a_restart(server: Server) -> None:
    meeting_id = end(server)
    wait_until(is_found(server, meeting_id), "the record to be found", SOON_S)
    server.stop()
    server.start()
    assert is_found(server, meeting_id)()


def test_a_server_that_is_killed_while_words_are_made_makes_them_after_its_start(server: Server) -> None:
    meeting_id = end(server)
    server.kill()
    server.start()
    wait_until(is_found(server, meeting_id), "the record to be found", SOON_S)


@pytest.mark.parametrize("which", [0, 1])
def test_either_of_two_processes_finds_what_ended_on_the_first(
    two_servers: tuple[Server, Server], which: int
) -> None:
    meeting_id = end(two_servers[0])
    wait_until(is_found(two_servers[which], meeting_id), "the record to be found", SOON_S)


def test_others_are_answered_while_the_dictionaries_are_loaded(server: Server) -> None:
    """The first search waits for them; a page that does not search does not."""
    import threading

    client, answered = server.client_for("Ada"), []
    other = server.client_for("Ben")

    def search() -> None:
        answered.append(client.get("/notes?q=reflection").status_code)

    asking: Any = threading.Thread(target=search)
    asking.start()
    before = 0
    while not answered:
        assert other.get("/healthz").status_code == 200
        before += not answered
    asking.join()
    assert answered == [200]
    assert before > 20
