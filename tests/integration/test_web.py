"""What every page does: errors, headers, language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from ementor.database import db, transactional
from ementor.errors import Unavailable
from ementor.extensions import login_manager
from ementor.meetings.background import Background
from ementor.web import safe_next
from tests.support.inside import FreshClient, Socket
from tests.support.people import House, Person, shown


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


@pytest.mark.parametrize("path", ["/", "/nothing", "/j/wrong", "/m/1", "/healthz", "/static/built/base.js"])
def test_r28_every_answer_has_the_headers(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    if not path.startswith("/static"):
        assert "script-src 'self';" in policy
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


@pytest.mark.parametrize(
    ("headers", "renews"),
    [
        ({}, True),
        ({"Sec-Fetch-Mode": "navigate"}, True),
        ({"HX-Request": "true"}, False),
        ({"Sec-Fetch-Mode": "cors"}, False),
    ],
)
def test_what_answers_late_cannot_undo_a_choice_of_language(
    people: dict[str, Person], headers: dict[str, str], renews: bool
) -> None:
    room = f"/m/{people['Ben'].meeting_id}"
    answer = people["Ben"].client.get(room, headers=headers)
    assert answer.status_code == 200
    assert ("ementor=" in answer.headers.get("Set-Cookie", "")) == renews


def test_a_press_sends_no_cookie(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    answer = ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "start"})
    assert answer.status_code in {200, 303}
    assert "Set-Cookie" not in answer.headers


def test_the_database_answers(app: Flask) -> None:
    assert app.test_client().get("/readyz").json == {"ok": True}


def test_a_shared_device_forgets_who_used_it(people: dict[str, Person], house: House) -> None:
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"
    assert "Not <bdi>Ben</bdi>?" in shown(ben.client.get("/"))
    old = {name: ben.client.get_cookie(name).value for name in ("ementor", "ementor-who")}
    answer = ben.client.post("/forget", data={"next": "/", "sure": "yes"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert ben.client.get(room).status_code == 404
    thief = house.new_client()
    for name, value in old.items():
        thief.set_cookie(name, value)  # the cookies as they were are worth nothing any more
    assert thief.get(room).status_code == 404
    assert ben.client.get_cookie("ementor-who") is None


@pytest.mark.parametrize(("path", "to"), [("/start", "/?start=1"), ("/forget", "/"), ("/m/1/press", "/m/1")])
def test_an_address_that_only_takes_forms_leads_back(app: Flask, path: str, to: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, to)


@pytest.mark.parametrize("rest", ["", "/run", "/reflection", "/record.md"])
def test_a_number_that_no_meeting_can_have_is_not_found(people: dict[str, Person], rest: str) -> None:
    assert people["Ada"].client.get(f"/m/{10**30}{rest}").status_code == 404


@pytest.mark.parametrize("number", ["--5", "-", "", "²", "1" * 10])
def test_a_number_of_a_button_that_is_none_is_refused(people: dict[str, Person], number: str) -> None:
    ada = people["Ada"]
    data = {"press": "give_word", "person": number}
    assert ada.client.post(f"/m/{ada.meeting_id}/press", data=data).status_code == 422


def test_a_database_that_takes_nothing_is_worth_another_try(app: Flask, people: dict[str, Person]) -> None:
    """A page tries again after 503, and never after a refusal."""

    @transactional
    def write() -> None:
        raise OperationalError("", {}, Exception("database or disk is full"))

    with app.test_request_context(), pytest.raises(Unavailable) as refused:
        write()
    assert refused.value.status == 503


def test_an_error_of_the_database_tells_nothing_of_what_people_wrote(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as failed:
        db.session.execute(text("SELECT :words FROM no_such_table"), {"words": "SECRET"})
    assert "SECRET" not in str(failed.value)


def test_a_chore_that_fails_does_not_stop_the_others(app: Flask) -> None:
    done = []

    def broken() -> None:
        raise KeyError("something nobody thought of")

    background = Background(app.app_context, jobs=[broken, lambda: done.append(True)])
    background.once()
    background.once()
    assert done == [True, True]


def test_a_groups_name_holds_nothing_that_cannot_be_seen(client_for: Callable[[str], FreshClient]) -> None:
    client = client_for("Ada")
    data = {"name": "Ada", "template": "mepe-1", "group": "Blue\x00 \u202eCircle"}
    page = shown(client.get(client.post("/start", data=data).location))
    assert '<h1 dir="auto">Blue Circle</h1>' in page


def test_who_signs_out_hears_no_more_of_the_room(
    app: Flask, people: dict[str, Person], socket_for: Callable[[str], Socket]
) -> None:
    ada, ben = socket_for("Ada"), socket_for("Ben")
    assert ada.join()["ok"]
    assert ben.join()["ok"]
    background = Background(app.app_context)
    background.hang_up()
    assert ben.is_connected
    people["Ben"].client.post("/forget", data={"sure": "yes"})
    background.hang_up()
    assert not ben.is_connected
    assert ada.is_connected


def test_a_socket_stays_in_the_room_it_joined(
    socket_for: Callable[[str], Socket], people: dict[str, Person]
) -> None:
    ben = people["Ben"]
    second = ben.client.post("/start", data={"name": "Ben", "template": "single-4"}).headers["Location"]
    socket = socket_for("Ben")
    assert socket.join()["ok"]
    assert socket.ask("room:join", int(second.rsplit("/", 1)[1]))["error"] == "conflict"
    assert socket.join()["ok"]


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [("fi,en;q=0.8", "fi"), ("sv-FI,sv;q=0.9,fi;q=0.5", "sv"), ("en-GB,en;q=0.9", "en"), ("de", "en")],
)
def test_a_browser_set_to_finnish_or_swedish_counts_more_than_the_group(
    house: House, app: Flask, accepted: str, shown: str
) -> None:
    house.person("Ada")  # whose group speaks English
    page = app.test_client().get(house.join_path, headers={"Accept-Language": accepted})
    assert f'<html lang="{shown}" ' in page.text


def test_a_browser_in_english_reads_a_finnish_group_in_finnish(app: Flask) -> None:
    ada = app.test_client()
    ada.post("/language", data={"locale": "fi"})
    house = House(lambda: ada)
    house.person("Ada")
    page = app.test_client().get(house.join_path, headers={"Accept-Language": "en-US,en"})
    assert '<html lang="fi" data-hour="H.mm"' in page.text


def test_a_text_is_in_the_language_of_its_part_and_what_is_put_in_is_only_text(app: Flask) -> None:
    page = app.jinja_env.from_string(
        "{% import '_macros.html' as m %}"
        "{{ _('You are with %(names)s', names=names) }}{{ m.practice(_('Agenda')) }}"
    )
    with app.test_request_context("/"):
        said = {}
        for locale in ("fi", "sv", "en", "fi"):
            with force_locale(locale):
                said[locale] = page.render(locale=locale, names="<b>100 %</b>")
    assert said["en"].startswith("You are with &lt;b&gt;100 %&lt;/b&gt;")
    assert "(avautuu uuteen välilehteen)" in said["fi"]
    assert len(set(said.values())) == 3


def test_a_refused_form_is_in_one_language(app: Flask) -> None:
    ada = app.test_client()
    ada.post("/language", data={"locale": "fi"})
    house = House(lambda: ada)
    meeting_id = house.person("Ada").meeting_id
    db.session.execute(text('UPDATE "user" SET locale = NULL'))  # she has chosen none
    db.session.commit()
    with ada.session_transaction() as session:
        session.pop("locale")
    page = ada.post(f"/m/{meeting_id}/group", data={"name": ""}, headers={"Accept-Language": "en"}).text
    assert "Tallenna" in page
    assert "Anna ryhmälle nimi." in page
