"""What every page does: errors, headers, language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from ementor.extensions import login_manager
from ementor.web import safe_next
from tests.support.inside import FreshClient
from tests.support.people import House, Person


def test_without_its_database_the_room_says_so(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = people["Ada"]

    def fails(token: str) -> None:
        raise OperationalError("SELECT", {}, Exception("the server is gone"))

    monkeypatch.setattr(login_manager, "_user_callback", fails)
    answer = ada.client.get(f"/m/{ada.meeting_id}", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "try again in a moment" in answer.text
    monkeypatch.undo()
    assert ada.client.get(f"/m/{ada.meeting_id}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/nothing", "/j/wrong", "/m/1", "/healthz", "/static/js/page.js"])
def test_every_answer_has_the_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    if not path.startswith("/static"):
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/%2f%2fevil", "/\t/evil", "", None],
)
def test_nobody_is_sent_to_another_site(target: str | None) -> None:
    assert safe_next(target) == "/"


def test_the_choice_of_language_stays_and_goes_where_it_was_made(
    client_for: Callable[[str], FreshClient], people: dict[str, Person]
) -> None:
    room = f"/m/{people['Ben'].meeting_id}"
    ben = client_for("Ben")
    answer = ben.post("/language", data={"locale": "sv", "next": room})
    assert (answer.status_code, answer.headers["Location"]) == (303, room)
    assert '<html lang="sv"' in ben.get(room).text
    assert '<html lang="en"' in client_for("Ada").get(room).text
    ben.post("/language", data={"locale": "xx", "next": room})
    assert '<html lang="sv"' in ben.get(room).text


def test_the_database_answers(app: Flask) -> None:
    assert app.test_client().get("/readyz").json == {"ok": True}


def test_a_shared_device_forgets_who_used_it(people: dict[str, Person], house: House) -> None:
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"
    assert "Not <bdi>Ben</bdi>?" in ben.client.get("/").text
    old = ben.client.get_cookie("ementor")
    answer = ben.client.post("/forget", data={"next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert ben.client.get(room).status_code == 404
    thief = house.new_client()
    thief.set_cookie("ementor", old.value)  # the cookie as it was is worth nothing any more
    assert thief.get(room).status_code == 404


@pytest.mark.parametrize(("path", "to"), [("/start", "/?start=1"), ("/m/1/press", "/m/1")])
def test_an_address_that_only_takes_forms_leads_back(app: Flask, path: str, to: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, to)
