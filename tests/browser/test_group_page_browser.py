"""The group's page in a browser: the room opens while it is looked at, taking over, going on, its menu."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.groups import policy
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import PersonCame, Start
from ementor.series import opening, services
from ementor.series.domain import dates as rules
from tests.browser.test_pages import check
from tests.support.browsers import Rooms
from tests.support.databases import app_of
from tests.support.outside import Server
from tests.support.pages import walk_to
from tests.support.series import ZONE, come, in_days, now, plan

Look = Callable[..., Page]


@pytest.fixture
def inside(server: Server, sqlite_settings: Any) -> Iterator[Flask]:
    with app_of(sqlite_settings) as app:
        yield app


@pytest.fixture
def look(server: Server, inside: Flask, open_room: Rooms) -> Look:
    """Open the group's page as somebody, in a browser of their own."""

    def look(person: User, group: Group, *, locale: str = "en", **options: Any) -> Page:
        from flask import session
        from flask_login import login_user

        with inside.test_request_context("/"):
            login_user(accounts.sign_in(db.session.merge(person)))
            session["locale"] = locale
            response = inside.make_response("")
            inside.session_interface.save_session(inside, session, response)  # type: ignore[arg-type]
        cookie = re.search(r"=([^;]+);", response.headers["Set-Cookie"])
        assert cookie
        options.setdefault("timezone_id", ZONE)
        context = open_room.context(locale=locale, **options)
        name = inside.config["SESSION_COOKIE_NAME"]
        context.add_cookies([{"name": name, "value": cookie[1], "url": server.url}])
        page = context.new_page()
        page.goto(f"{server.url}/g/{group.id}")
        return page

    return look


@contextmanager
def at(days: float) -> Iterator[None]:
    with clock.pretend(clock.now() + timedelta(days=days)):
        yield


def hold(group: Group, person: User, number: int = 0) -> None:
    """Hold the meeting of a date, as if it were its time."""
    starts_at = now(group)[number].starts_at
    with clock.pretend(starts_at):
        meeting = opening.open_room(group.id, now(group)[number].id, actor=person)
        for member in policy.members(group.id):
            meetings.record(meeting.id, PersonCame(member.user_id), actor_id=member.user_id)
        meetings.act(meeting.id, Start(), actor=person)
    with clock.pretend(starts_at + timedelta(hours=1)):
        archive.close_and_keep(meeting.id, actor=person, seen=None)


def starts_in(group: Group, ahead: timedelta, number: int = 0) -> None:
    """Let a date begin so soon: a test cannot move the clock of a server, but it can move the date."""
    row = now(group)[number].row
    row.wall = rules.wall_of(clock.now() + ahead, ZONE)
    db.session.commit()


def test_the_page_that_is_kept_open_leads_to_the_room_when_it_opens(inside: Flask, look: Look) -> None:
    person, group = plan(first=in_days(1))
    ben = come(group, "Ben")
    starts_in(group, timedelta(minutes=15, seconds=8))
    page = look(ben, group)
    expect(page.get_by_role("region", name="Next meeting")).to_contain_text("minutes")
    expect(page.get_by_role("link", name="Open the room")).to_have_count(0)
    expect(page.get_by_role("link", name="Open the room")).to_be_visible()  # by itself, at the moment
    expect(page.get_by_role("status")).to_have_text("The room is open")
    expect(page.get_by_role("timer")).to_contain_text("14:")
    page.get_by_text("Everything else on the group's page").click()
    expect(page.get_by_role("region", name="Dates")).to_be_visible()
    meeting_id = opening.open_due(group.id)
    assert meeting_id
    meetings.record(meeting_id, PersonCame(person.id), actor_id=person.id)
    page.evaluate("htmx.trigger('#group', 'group:look')")
    expect(page.get_by_text("Aino is already there.")).to_be_visible()
    expect(page.get_by_role("region", name="Dates")).to_be_visible()  # what was folded open stays so
    check(page)
    page.get_by_role("link", name="Open the room").click()
    expect(page).to_have_url(re.compile(f"/m/{meeting_id}$"))
    page.get_by_role("link", name="Menu").click()
    page.get_by_role("link", name="Group's page").click()
    expect(page).to_have_url(re.compile(f"/g/{group.id}$"))


def test_a_countdown_ends_and_the_meeting_is_under_way(inside: Flask, look: Look) -> None:
    person, group = plan(first=in_days(1))
    starts_in(group, timedelta(seconds=6))
    page = look(person, group)
    expect(page.get_by_role("timer")).to_contain_text("0:0")
    expect(page.get_by_role("timer")).to_have_text("now")
    meeting_id = opening.open_due(group.id)
    assert meeting_id
    meetings.act(meeting_id, Start(), actor=person)
    page.evaluate("htmx.trigger('#group', 'group:look')")
    expect(page.get_by_role("heading", name="The meeting is under way")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("The meeting is under way")


def test_a_facilitator_prepares_opens_and_cancels_with_the_keyboard(inside: Flask, look: Look) -> None:
    person, group = plan()
    page = look(person, group)
    check(page)
    walk_to(page, "Cancel this meeting")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Cancel this meeting?")
    page.get_by_role("dialog").get_by_role("button", name="Cancel this meeting").click()
    dates = page.get_by_role("region", name="Dates")
    expect(dates).to_contain_text("cancelled")
    expect(page.get_by_role("region", name="Next meeting")).to_contain_text("My strengths as a mentor")
    inside_card = "document.activeElement.closest('#next') !== null"
    assert page.evaluate(inside_card)  # the keyboard is where it was
    check(page)
    page.get_by_role("button", name="Open the agenda").click()  # who leads next is told what to prepare
    expect(page).to_have_url(re.compile(r"/m/\d+$"))
    page.go_back()
    page.reload()
    expect(page.get_by_role("link", name="Look at the agenda")).to_be_visible()
    page.get_by_role("button", name="Open the room").click()
    page.get_by_role("dialog").get_by_role("button", name="Open the room").click()
    expect(page).to_have_url(re.compile(r"/m/\d+$"))
    expect(page.locator("[data-connected=true]")).to_be_attached()


def test_a_member_takes_the_group_over(inside: Flask, look: Look) -> None:
    with at(days=-9):
        _, group = plan(first=in_days(15))
        ben, cai = come(group, "Ben"), come(group, "Cai")
    other = look(cai, group)
    page = look(ben, group)
    check(page)
    page.get_by_role("button", name="Take over the group").click()
    page.get_by_role("dialog").get_by_role("button", name="Take over the group").click()
    expect(page.get_by_text("You took the group over")).to_be_visible()
    expect(page.get_by_role("button", name="Prepare the agenda")).to_be_visible()
    other.evaluate("htmx.trigger('#group', 'group:look')")
    expect(other.get_by_text("Ben took the group over")).to_be_visible()
    expect(other.get_by_role("button", name="Take over the group")).to_have_count(0)
    check(other)
    page.get_by_label("Menu", exact=True).click()
    page.get_by_role("link", name="Group settings").click()
    check(page)
    page.get_by_label("Link to the video call").fill("meet.example.org")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_label("Link to the video call")).to_be_focused()
    expect(page.get_by_label("Link to the video call")).to_have_value("meet.example.org")
    check(page)
    page.get_by_role("button", name="Remove from the group: Cai").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Remove from the group: Cai")).to_have_count(0)


def test_after_the_last_date_a_member_goes_on(inside: Flask, look: Look) -> None:
    with at(days=-30):
        person, group = plan("single-1", first=in_days(2))
        ben = come(group, "Ben")
    hold(group, person)
    page = look(ben, group)
    expect(page.get_by_role("heading", name="One meeting behind you")).to_be_visible()
    expect(page.get_by_role("region", name="Past meetings").get_by_role("link")).to_have_count(1)
    check(page)
    page.get_by_role("button", name="Continue like this").click()
    expect(page.get_by_role("region", name="Next meeting").get_by_role("img")).to_be_visible()
    expect(page.get_by_role("region", name="Dates").get_by_role("listitem")).to_have_count(5)
    check(page)


@pytest.mark.parametrize("locale", ["fi", "sv"])
def test_every_width_and_text_of_double_size(inside: Flask, look: Look, locale: str) -> None:
    with at(days=-30):
        person, group = plan(first=in_days(2), weeks=4, locale=locale)
        come(group, "Ben")
    hold(group, person)
    group = services.series_of(group.id).group
    page = look(person, group, locale=locale)
    page.locator(".menu summary").click()
    expect(page.locator("#join-url")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 380, "height": 700})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    page.emulate_media(media="print")
    expect(page.get_by_role("button").locator("visible=true")).to_have_count(0)


def test_the_menu_copies_the_link_and_closes(inside: Flask, look: Look) -> None:
    person, group = plan()
    page = look(person, group, permissions=["clipboard-read", "clipboard-write"])
    menu = page.get_by_label("Menu", exact=True)
    menu.click()
    page.get_by_role("button", name="Copy the group's link").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"/j/{group.join_token}")
    page.keyboard.press("Escape")
    expect(page.locator(".menu")).not_to_have_attribute("open", "")
    expect(menu).to_be_focused()
    menu.click()
    page.locator(".next .date").click(position={"x": 5, "y": 5})
    expect(page.locator(".menu")).not_to_have_attribute("open", "")


def test_who_is_elsewhere_sees_both_times(inside: Flask, look: Look) -> None:
    person, group = plan()
    card = {"name": "Next meeting"}
    expect(look(person, group).get_by_role("region", **card)).not_to_contain_text("where you are")
    page = look(person, group, timezone_id="Europe/Stockholm")
    expect(page.get_by_role("region", **card)).to_contain_text("08:00 where you are")
    expect(page.get_by_role("region", **card)).to_contain_text("09:00–10:30")
