"""What every other test leans on: people come in, processes share a room, a killed server comes back."""

from __future__ import annotations

from collections.abc import Callable

from tests.support import refusals
from tests.support.inside import FreshClient, Socket
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.people import Person


def test_three_are_in_the_room_and_eve_is_not(people: dict[str, Person]) -> None:
    room = f"/m/{people['Ada'].meeting_id}"
    assert {person.meeting_id for person in people.values()} == {
        people["Ada"].meeting_id,
        people["Eve"].meeting_id,
    }
    assert people["Eve"].meeting_id != people["Ada"].meeting_id
    assert [people[name].client.get(room).status_code for name in ("Ada", "Ben", "Gus", "Eve")] == [
        200,
        200,
        200,
        404,
    ]


def test_a_post_without_its_token_is_refused(client_for: Callable[[str], FreshClient]) -> None:
    assert client_for("Ada").post("/start", data={"name": "Ada"}, csrf=False).status_code == 400


def test_a_socket_is_answered_and_hears_the_room(
    socket_for: Callable[[str], Socket], people: dict[str, Person]
) -> None:
    ada, ben, eve = socket_for("Ada"), socket_for("Ben"), socket_for("Eve")
    assert ada.join()["ok"]
    number = ben.join()["number"]
    assert ada.received("changed")[-1] == {"number": number}
    assert eve.ask("room:join", people["Ada"].meeting_id)["error"] == "not_found"
    assert not eve.received("changed")


def test_a_socket_needs_the_token_of_its_session(app: object, people: dict[str, Person]) -> None:
    assert Socket(app, people["Ben"]).is_connected  # type: ignore[arg-type]
    assert not Socket(app, people["Ben"], token=people["Ada"].socket_token).is_connected  # type: ignore[arg-type]


def test_a_killed_server_comes_back_with_the_same_people(server: Server) -> None:
    before = server.socket_for("Ben").join()
    server.kill()
    server.start()
    after = server.socket_for("Ben").join()
    assert before["ok"]
    assert after["number"] >= before["number"]


def test_two_processes_share_a_room(two_servers: tuple[Server, Server]) -> None:
    first, second = two_servers
    ada = first.socket_for("Ada")
    assert ada.join()["ok"]
    number = second.socket_for("Ben").join()["number"]
    wait_until(lambda: {"number": number} in ada.received("changed"), "Ada to hear that Ben came")


def test_a_server_ends_by_itself_when_asked(server: Server) -> None:
    assert server.socket_for("Ada").join()["ok"]
    assert server.stop() == 0


def test_a_refusal_is_noticed_unless_the_test_has_read_it(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    for button in ("start", "next-item", "no-button"):
        answer = ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": button})
    assert answer.status_code == 400
    [unread] = refusals.unread()
    assert "next-item" in unread
    assert refusals.unread() == []
