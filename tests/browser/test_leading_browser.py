"""Who leads, as browsers see it: in turns, swapped between two open pages, prepared, led, and over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from ementor import clock
from ementor.accounts.models import User
from ementor.groups.models import Group
from ementor.series import rota, services
from ementor.series.domain.dates import opens_at
from ementor.series.models import Duty
from tests.browser.test_pages import check
from tests.support import databases, inside
from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive, end_meeting, press
from tests.support.series import ZONE, client_of, come, plan

NAMES = ("Aino", "Ben", "Cilla")


class Circle:
    """Aino, Ben and Cilla, who lead in turns, each with the session of a browser that is theirs."""

    def __init__(self, settings: databases.Settings) -> None:
        with databases.app_of(settings) as app:
            app.test_client_class = inside.FreshClient
            aino, group = plan()
            people: list[User] = [aino, come(group, "Ben"), come(group, "Cilla")]
            rota.set_rule(group.id, Duty.LEAD, actor=aino, rotates=True, person_id=aino.id)
            for person in people[1:]:
                rota.be_willing(group.id, Duty.LEAD, actor=person, willing=True)
            rota.be_willing(group.id, Duty.NOTES, actor=people[2], willing=True)
            self.path = f"/g/{group.id}"
            self.until_open = self._until_open(group)
            self.cookies = {}
            for name, person in zip(NAMES, people, strict=True):
                cookie = client_of(app, person).get_cookie(app.config["SESSION_COOKIE_NAME"])
                assert cookie is not None
                self.cookies[name] = {"name": cookie.key, "value": cookie.value}

    def _until_open(self, group: Group) -> timedelta:
        first = services.planned_of(group)[0]
        return opens_at(first.date, ZONE) - clock.now() + timedelta(seconds=5)


@pytest.fixture
def circle(sqlite_settings: databases.Settings) -> Circle:
    return Circle(sqlite_settings)


def open_page(
    rooms: Rooms, server: Server, circle: Circle, name: str, *, locale: str = "en", path: str = ""
) -> Page:
    context = rooms.context(locale=locale)
    context.add_cookies([{**circle.cookies[name], "url": server.url}])
    page = context.new_page()
    page.goto(server.url + circle.path + path)
    return page


def test_a_swap_and_a_meeting_led_for_once(circle: Circle, open_room: Rooms, server: Server) -> None:
    aino, ben = (open_page(open_room, server, circle, name) for name in ("Aino", "Ben"))
    expect(aino.locator(".leads")).to_contain_text("You lead")
    expect(ben.locator(".leads")).to_contain_text("Aino leads")
    expect(ben.get_by_role("heading", name="Three things to prepare")).to_have_count(0)

    aino.get_by_text("Swap who leads").click()
    aino.get_by_label("Who could lead in your place?").select_option("Ben")
    check(aino)
    aino.get_by_role("button", name="Ask", exact=True).click()
    expect(aino.locator("#asked")).to_contain_text("You have asked Ben to lead on")
    ben.reload()
    expect(ben.locator("#asked")).to_contain_text("Aino asks you to lead on")
    expect(ben.locator("#asked")).to_contain_text("You swap dates")
    check(ben)
    press(ben, "Accept")
    expect(ben.locator(".leads")).to_contain_text("You lead")
    expect(ben.locator("#asked")).to_have_count(0)
    press(aino, "Withdraw")  # of an open page that does not know it yet
    expect(aino.locator("#notice")).to_contain_text("has been answered")
    aino.reload()
    expect(aino.locator(".leads")).to_contain_text("Ben leads")

    todo = ben.locator("#prepare")
    expect(todo.locator("li.ok")).to_have_count(1)  # there is no wish to take up
    press(ben, "Ask Cilla")
    expect(todo).to_contain_text("Cilla has been asked.")
    cilla = open_page(open_room, server, circle, "Cilla")
    press(cilla, "Accept")
    expect(cilla.locator(".leads")).to_contain_text("You keep the notes")
    press(ben, "Open the agenda")
    alive(ben)
    room = ben.url
    expect(ben.locator("#edit-agenda")).to_be_visible()
    ben.goto(server.url + circle.path)
    expect(todo.locator("li.ok")).to_have_count(3)
    check(ben)

    server.pass_time(circle.until_open)
    for page in (ben, cilla):
        page.goto(room)
    alive(ben)
    alive(cilla)
    folk = ben.locator("#people")
    expect(folk.locator("li", has_text="Ben")).to_contain_text("facilitator")
    expect(folk.locator("li", has_text="Aino")).to_contain_text("facilitator")
    expect(folk.locator("li", has_text="Cilla")).to_contain_text("note keeper")
    expect(ben.get_by_role("link", name="Group settings")).to_have_count(0)
    expect(cilla.get_by_role("button", name="Start the meeting")).to_have_count(0)
    press(ben, "Start the meeting")
    expect(cilla.locator("#run")).to_contain_text("ends")
    end_meeting(ben)
    expect(ben.get_by_text("The meeting has ended").first).to_be_visible()
    expect(ben.get_by_role("link", name="Group settings")).to_have_count(0)
    server.pass_time(timedelta(minutes=2))
    aino.goto(server.url + circle.path)
    expect(aino.locator(".leads")).to_contain_text("You lead")  # Ben's date is hers now
    ben.goto(server.url + circle.path)
    expect(ben.locator(".leads")).to_contain_text("Aino leads")


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_the_pages_on_which_duties_and_calendars_are_chosen(
    circle: Circle, open_room: Rooms, server: Server, locale: str
) -> None:
    page = open_page(open_room, server, circle, "Aino", locale=locale, path="/duties")
    page.locator(f"button[lang={locale}]").click()  # else it is in the group's language
    expect(page.locator("html")).to_have_attribute("lang", locale)
    check(page)
    toggle = page.locator("#willing-tech_support")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".turns").first).to_contain_text("Ben")
    page.locator("#who-tech_support").select_option("turns")
    page.locator("button[value=duty_rule]").last.click()
    expect(page.locator(".turns").last).to_contain_text("Aino")
    page.locator(f'main > p a[href="{circle.path}"]').click()
    expect(page.locator("#group")).to_be_visible()
    page.goto(f"{server.url}{circle.path}/calendar")
    check(page)
