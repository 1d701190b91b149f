"""Planning a series in a browser: as a newcomer, by keyboard, without a script, at every width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browsers import OF_COLOUR, Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import walk_to
from tests.support.series import in_days

WIDTHS = ((320, 640), (380, 800), (1280, 800))


def check(page: Page) -> None:
    """Look at the page at every width, light and dark."""
    size = page.viewport_size
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert_accessible(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert_accessible(page, OF_COLOUR)
        assert_no_sideways_scrolling(page)
    page.emulate_media(color_scheme="light")
    if size:
        page.set_viewport_size(size)


def first_day() -> str:
    return in_days(14).date().isoformat()


def planned(context: BrowserContext, server: Server, *, name: str = "Aino") -> Page:
    page = context.new_page()
    page.goto(f"{server.url}/plan?programme=mepe")
    page.locator("#name").fill(name)
    page.locator("#group").fill("Tuesday circle")
    page.locator("#first").fill(first_day())
    page.locator("#time").fill("09:00")
    page.get_by_role("button", name="Create the plan").click()
    page.wait_for_url(re.compile(r"/g/\d+/dates$"))
    return page


def titles(page: Page) -> list[str]:
    return page.locator("#dates h2").all_inner_texts()


def test_a_newcomer_plans_mepe_with_five_inputs_on_three_screens(open_room: Rooms, server: Server) -> None:
    page = open_room.context(locale="fi", viewport=(380, 800), timezone_id="Europe/Helsinki").new_page()
    inputs = screens = 0

    def fill(label: str, text: str) -> None:
        nonlocal inputs
        inputs += 1
        page.get_by_label(label, exact=True).fill(text)

    def press(role: str, name: str) -> None:
        nonlocal screens
        screens += 1
        page.get_by_role(role, name=name).click()  # type: ignore[arg-type]

    page.goto(server.url)
    page.get_by_role("link", name="Suunnittele sarja").click()
    expect(page.get_by_role("radio", name=re.compile("Mepe!"))).to_be_checked()
    expect(page.get_by_role("group", name="Ohjelma")).to_be_visible()
    check(page)
    press("button", "Valitse tämä")
    fill("Nimesi", "Aino")
    fill("Ryhmän nimi", "Tiistaipiiri")
    fill("Ensimmäinen tapaaminen", first_day())
    fill("Kello", "09:00")
    expect(page.locator("#preview li")).to_have_count(5)
    expect(page.locator("#preview b")).to_have_text(re.compile(r"^Viisi \w+ta klo 9\.00–10\.30$"))
    expect(page.get_by_label("Viikkoja tapaamisten välissä")).to_have_value("2")
    check(page)
    press("button", "Tee suunnitelma")
    page.wait_for_url(re.compile(r"/g/\d+/dates$"))
    expect(page.locator("#dates h2")).to_have_count(5)
    check(page)
    press("link", "Kutsu ryhmä")
    expect(page.get_by_label("Kutsun teksti")).to_have_value(re.compile("Tiistaipiiri alkaa."))
    check(page)
    assert (inputs, screens) == (4, 3)  # the name is known the next time


def test_the_arc_follows_the_programme_that_is_chosen_by_the_keyboard(
    open_room: Rooms, server: Server
) -> None:
    page = open_room.context().new_page()
    page.goto(f"{server.url}/plan")
    expect(page.get_by_role("heading", name="Five meetings")).to_be_visible()
    walk_to(page, "Mepe!")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="Six meetings")).to_be_visible()
    expect(page.get_by_role("button", name="Choose this")).to_have_count(1)
    page.get_by_role("radio", name=re.compile("A single meeting")).check(force=True)
    check(page)
    page.get_by_role("button", name="Choose this").click()
    expect(page.get_by_label("Template")).to_be_visible()
    expect(page.get_by_label("Weeks between meetings")).to_have_count(0)
    page.get_by_role("link", name="Change the programme").click()
    expect(page.get_by_role("radio", name=re.compile("A single meeting"))).to_be_checked()


def test_dates_are_changed_skipped_cancelled_put_back_and_added(open_room: Rooms, server: Server) -> None:
    page = planned(open_room.context(timezone_id="Europe/Helsinki"), server)
    change = page.get_by_role("button", name=re.compile("^Change: My strengths as a mentor, "))
    change.click()
    expect(change).to_have_attribute("aria-expanded", "true")
    check(page)
    page.get_by_label("Time", exact=True).fill("13:00")
    page.get_by_label("Time", exact=True).blur()
    expect(page.get_by_label("Ends")).to_have_value("14:30")  # it moves with the start
    page.get_by_label("Ends").fill("12:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Ends")).to_be_focused()
    expect(page.get_by_label("Time", exact=True)).to_have_value("13:00")
    check(page)
    page.get_by_label("Ends").fill("14:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#dates [role=status]")).to_have_text(re.compile("^Saved: .*13:00"))
    expect(change).to_be_focused()

    change.click()
    page.get_by_role("button", name="Cancel this meeting").click()
    expect(page.locator("#dates .gone")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Restore: My strengths")).click()
    expect(page.locator("#dates .gone")).to_have_count(0)

    page.get_by_role("button", name=re.compile("^Change: Listening and asking, ")).click()
    page.get_by_role("button", name="Skip this date").click()
    expect(page.locator("#dates h2")).to_have_count(6)
    assert titles(page)[2:4] == ["No meeting", "Listening and asking"]
    page.get_by_role("button", name=re.compile("^Restore: No meeting, ")).click()
    expect(page.locator("#dates h2")).to_have_count(5)

    page.get_by_role("button", name="Add a date").click()
    page.get_by_label("Date", exact=True).fill(in_days(100).date().isoformat())
    page.get_by_label("Template").select_option("single-1")
    check(page)
    page.get_by_role("button", name="Add a date").click()
    expect(page.locator("#dates h2")).to_have_count(6)
    expect(page.get_by_role("button", name="Add a date")).to_be_focused()
    assert "Dialogue" in titles(page)


def test_it_all_works_without_a_script(open_room: Rooms, server: Server) -> None:
    page = open_room.context(java_script_enabled=False).new_page()
    page.goto(server.url)
    page.get_by_role("link", name="Plan a series").click()
    page.get_by_role("radio", name=re.compile("Mentor group")).check(force=True)
    expect(page.get_by_role("heading", name="Six meetings")).to_be_visible()
    page.get_by_role("button", name="Choose this").click()
    page.get_by_label("Your name").fill("Aino")
    page.get_by_label("Name of the group").fill("Circle")
    page.get_by_label("First meeting").fill(first_day())
    page.get_by_role("button", name="Create the plan").click()  # without a time
    expect(page.get_by_text("Enter a time such as 15:30.")).to_be_visible()
    expect(page.get_by_label("Name of the group")).to_have_value("Circle")
    page.get_by_label("Time", exact=True).fill("09:00")
    page.get_by_role("button", name="Create the plan").click()
    page.get_by_role("button", name=re.compile("^Change: ")).first.click()
    page.get_by_label("Time", exact=True).fill("11:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#dates time").first).to_have_text("11:00")
    page.get_by_role("button", name=re.compile("^Change: ")).first.click()
    page.get_by_role("button", name="Cancel this meeting").click()
    page.get_by_role("button", name=re.compile("^Restore: ")).click()
    expect(page.locator("#dates .gone")).to_have_count(0)
    page.get_by_role("button", name="Add a date").click()
    page.get_by_role("button", name="Add a date").click()
    expect(page.locator("#dates h2")).to_have_count(7)
    page.get_by_role("link", name="Invite the group").click()
    page.get_by_text("Add the link to the call").click()
    page.get_by_label("Link to the call").fill("http://meet.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#call_url-wrong")).to_be_visible()
    expect(page.get_by_label("Link to the call")).to_have_value("http://meet.example")


@pytest.mark.parametrize(
    ("zone", "yours"), [("Europe/Stockholm", "your time 08:00"), ("Europe/Helsinki", None)]
)
def test_who_is_in_another_zone_reads_both_times(
    open_room: Rooms, server: Server, zone: str, yours: str | None
) -> None:
    context = open_room.context(timezone_id="Europe/Helsinki")
    planned(context, server)
    cookies = context.cookies()
    away = open_room.context(timezone_id=zone)
    away.add_cookies(cookies)  # type: ignore[arg-type]
    page = away.new_page()
    page.goto(context.pages[0].url)
    expect(page.locator("#dates time").first).to_have_text(f"09:00 {yours}" if yours else "09:00")
    page.get_by_role("button", name=re.compile("^Change: ")).first.click()
    page.locator(".editor").wait_for()
    expect(page.locator("#dates time").first).to_have_text(f"09:00 {yours}" if yours else "09:00")


@pytest.mark.parametrize(
    ("zone", "offered", "said"),
    [
        ("Europe/Stockholm", "Europe/Stockholm", "Stockholm time"),
        ("America/New_York", "America/New_York", "New York time"),
        ("UTC", "Europe/Helsinki", "Helsinki time"),
    ],
)
def test_the_browsers_time_zone_is_offered(
    open_room: Rooms, server: Server, zone: str, offered: str, said: str
) -> None:
    page = planned(open_room.context(timezone_id=zone), server)
    expect(page.locator("#dates .zone summary")).to_contain_text(said)
    expect(page.locator("#time_zone")).to_have_value(offered)


def test_the_invitation_and_the_link_are_copied(open_room: Rooms, server: Server) -> None:
    context = open_room.context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = planned(context, server)
    page.get_by_role("link", name="Invite the group").click()
    for name, part in (("Copy the invitation", "You don't need an account"), ("Copy the link", "/j/")):
        page.get_by_role("button", name=name).click()
        expect(page.locator("#status")).to_have_text("Copied")
        assert part in page.evaluate("navigator.clipboard.readText()")
    page.get_by_text("Add the link to the call").click()
    check(page)
    page.get_by_label("Link to the call").fill("https://meet.example/abc")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Change the link to the call")).to_be_visible()
