"""The group's page: for its members, at every moment of a series."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from ementor.series import opening, planning
from tests.support.people import shown
from tests.support.series import Wait, client_of, come, now, plan, until_open

HTMX = {"HX-Request": "true"}


def test_members_see_the_page_and_strangers_nothing(app: Flask) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    for each in (person, ben):
        page = shown(client_of(app, each).get(f"/g/{group.id}"))
        assert "What online mentoring is" in page
        assert "Next meeting" in page
    eve, other = plan(name="Eve", group_name="Elsewhere")
    assert client_of(app, eve).get(f"/g/{other.id}").status_code == 200
    for client in (client_of(app, eve), app.test_client()):
        for path in (f"/g/{group.id}", f"/g/{group.id}/news", "/g/999999", "/g/99999999999"):
            assert client.get(path).status_code == 404
        assert client.post(f"/g/{group.id}", data={"press": "x"}).status_code == 404


def test_an_open_page_asks_for_what_is_new_and_gets_nothing_else(app: Flask) -> None:
    person, group = plan()
    client = client_of(app, person)
    stamp = re.search(r'data-stamp="(\w+)"', client.get(f"/g/{group.id}").text)
    assert stamp
    news = f"/g/{group.id}/news?stamp={stamp[1]}"
    assert client.get(news, headers=HTMX).status_code == 204
    planning.cancel(group.id, now(group)[1].id, actor=person)
    answer = client.get(news, headers=HTMX)
    assert answer.status_code == 200
    assert stamp[1] not in answer.text


@pytest.mark.parametrize("press", ["", "nothing", "__class__"])
def test_a_button_that_there_is_not_is_refused(app: Flask, press: str) -> None:
    person, group = plan()
    assert client_of(app, person).post(f"/g/{group.id}", data={"press": press}).status_code == 400


def test_the_link_leads_to_the_page_then_to_the_room(app: Flask, wait: Wait) -> None:
    person, group = plan()
    ben = come(group, "Ben")
    link = f"/j/{group.join_token}"
    for each in (person, ben):
        assert client_of(app, each).get(link).location == f"/g/{group.id}"
    until_open(group, wait)
    room = opening.open_due(group.id)
    for each in (person, ben):
        assert client_of(app, each).get(link).location == f"/m/{room}"
