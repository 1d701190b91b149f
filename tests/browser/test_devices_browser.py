"""One person on a laptop and a phone, as their browsers see it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.test_notes_browser import scope
from tests.browser.test_pages import check
from tests.browser.test_reflection_browser import TAKING, field
from tests.browser.test_room import MEPE, begin_round, speaks, stage
from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive, answer, look_at, pressed, saved, walk_to

PHONE = (
    "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 "
    "Mobile Safari/537.36"
)


def phone(rooms: Rooms, *, locale: str = "en") -> Page:
    return rooms.context(viewport=(380, 760), locale=locale, user_agent=PHONE, has_touch=True).new_page()


def shows_code(page: Page, server: Server) -> str:
    """Let somebody's device show a code, from whatever page it has open; return the code."""
    page.goto(f"{server.url}/me/devices")
    page.get_by_role("button", name="Use on another device").click()
    first, second = page.locator(".code [aria-hidden]").all_inner_texts()
    return first + second


def enter(page: Page, server: Server, code: str) -> None:
    page.goto(f"{server.url}/device")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()


def word(page: Page) -> str:
    return page.locator(".word, #d-ask b").inner_text()


def becomes(page: Page, first: Page, server: Server) -> None:
    """Make ``page`` a device of whoever ``first`` is."""
    enter(page, server, shows_code(first, server))
    expect(page.get_by_role("heading", name="Confirm on the other device")).to_be_visible()
    expect(first.get_by_role("heading", name="Is this your device?")).to_be_visible()
    assert word(first) == word(page)
    first.get_by_role("button", name="Yes, it's mine").click()
    page.wait_for_url("**/notes")


def test_a_guest_with_laptop_and_phone_is_one_person(open_room: Rooms, server: Server) -> None:
    server.house.template = MEPE
    ada, ben = open_room("Ada"), open_room("Ben")
    room = ben.url
    answer(ben, "1", "I am not alone", "private")
    scope(ben, "Only mine")
    ben.get_by_role("textbox", name="Only mine").click()
    ben.keyboard.type("Ask Gus about it")
    saved(ben)
    mobile = phone(open_room)
    becomes(mobile, ben, server)
    expect(ben.get_by_text("This device is yours now, too.")).to_be_visible()
    for page in (ben, mobile):
        page.goto(room)
        alive(page)
    look_at(mobile, "notes")
    scope(mobile, "Only mine")
    expect(mobile.get_by_role("textbox", name="Only mine")).to_have_text("Ask Gus about it")
    look_at(mobile, "people")
    for page in (ada, mobile):
        expect(page.locator(".people .who-is li", has_text="Ben")).to_have_count(1)
    look_at(mobile, "reflection")
    expect(field(mobile, TAKING)).to_have_value("I am not alone")
    gus = open_room("Gus")
    look_at(mobile, "turn")
    begin_round(ada, ben, gus)
    expect(stage(gus)).to_contain_text("You are number 3 of 3")
    pressed(ada, "next")
    for page in (ben, mobile):
        expect(stage(page)).to_contain_text("turn 1 of 3")
        expect(stage(page)).to_contain_text("You are next")
    pressed(ada, "next")
    for page in (ben, mobile):
        speaks(page, "Ben")


def test_eve_who_saw_the_code_gets_nothing_and_ben_hears_that_she_was_first(
    open_room: Rooms, server: Server
) -> None:
    ben, eve, mobile = open_room("Ben"), phone(open_room), phone(open_room)
    room = ben.url
    code = shows_code(ben, server)
    enter(eve, server, code)
    expect(eve.get_by_role("heading", name="Confirm on the other device")).to_be_visible()
    enter(mobile, server, code)
    expect(mobile.get_by_text("This code has already been used.")).to_be_visible()
    expect(mobile.get_by_label("Code")).to_have_value(code)
    expect(mobile.get_by_label("Code")).to_be_focused()
    check(mobile)
    ben.get_by_role("button", name="No, it isn't mine").click()
    expect(ben.get_by_text("Nobody got in.")).to_be_visible()
    expect(eve.get_by_text("On your other device you answered that this one isn't yours.")).to_be_visible()
    check(eve)
    eve.goto(room)
    expect(eve.get_by_role("heading", name="Page not found")).to_be_visible()


def test_the_code_comes_in_the_fragment_and_is_typed_by_keyboard_alone(
    open_room: Rooms, server: Server
) -> None:
    ben, mobile = open_room("Ben"), phone(open_room)
    asked: list[str] = []
    mobile.on("request", lambda request: asked.append(request.url))
    ben.goto(f"{server.url}/me/devices")
    walk_to(ben, "Use on another device")
    ben.keyboard.press("Enter")
    expect(ben.get_by_role("img", name="QR code")).to_be_visible()
    code = "".join(ben.locator(".code [aria-hidden]").all_inner_texts())
    mobile.goto(f"{server.url}/device#{code}")
    expect(mobile.get_by_label("Code")).to_have_value(code)
    assert mobile.url == f"{server.url}/device"
    assert not any(code in address for address in asked)
    walk_to(mobile, "Code")
    mobile.keyboard.press("Enter")
    expect(mobile.get_by_role("heading", name="Confirm on the other device")).to_be_visible()
    expect(ben.get_by_role("heading", name="Is this your device?")).to_be_visible()
    walk_to(ben, "Yes, it's mine")
    ben.keyboard.press("Enter")
    mobile.wait_for_url("**/notes")


def test_a_device_that_is_signed_out_loses_its_open_room(open_room: Rooms, server: Server) -> None:
    ben, mobile = open_room("Ben"), phone(open_room)
    room = ben.url
    becomes(mobile, ben, server)
    mobile.goto(room)
    alive(mobile)
    ben.goto(f"{server.url}/me/devices")
    check(ben)
    ben.get_by_role("button", name="Sign out Phone, Chrome, today").click()
    ben.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(mobile.get_by_role("heading", name="Page not found")).to_be_visible()
    ben.goto(room)
    alive(ben)
    other = ben.context.new_page()
    other.goto(f"{server.url}/me/devices")
    other.get_by_role("button", name="Sign out everywhere").click()
    check(other)
    other.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    expect(other.get_by_role("link", name="Sign in")).to_be_visible()
    expect(ben.locator("[data-connected=true]")).to_have_count(0)


def test_who_leaves_a_device_is_asked_and_comes_back(open_room: Rooms, server: Server) -> None:
    ben = open_room("Ben")
    room, other = ben.url, ben.context.new_page()
    other.goto(server.url)
    other.get_by_role("button", name="Start a meeting now").click()
    other.get_by_role("button", name="Not Ben?").click()
    expect(other.get_by_text("there is no way back to these notes")).to_be_visible()
    check(other)
    other.get_by_role("button", name="Not Ben on this device").click()
    expect(ben.locator("[data-connected=true]")).to_have_count(0)
    expect(other.get_by_role("button", name="That was me after all")).to_be_visible()
    check(other)
    other.get_by_role("button", name="That was me after all").click()
    expect(other.get_by_role("link", name="My notes", exact=True)).to_be_visible()
    other.goto(room)
    alive(other)
    other.goto(server.url)
    expect(other.get_by_role("button", name="That was me after all")).to_have_count(0)


def test_every_page_of_a_code_is_for_everybody(open_room: Rooms, server: Server) -> None:
    ben, mobile = open_room("Ben"), phone(open_room)
    ben.goto(f"{server.url}/me/devices/code")
    check(ben)
    code = shows_code(ben, server)
    check(ben)
    mobile.goto(f"{server.url}/device")
    check(mobile)
    enter(mobile, server, code)
    expect(mobile.get_by_role("heading", name="Confirm on the other device")).to_be_visible()
    check(mobile)
    expect(ben.get_by_role("heading", name="Is this your device?")).to_be_visible()
    check(ben)


def test_a_phone_without_scripts_becomes_theirs_too(open_room: Rooms, server: Server) -> None:
    ben = open_room("Ben")
    room = ben.url
    mobile = open_room.context(viewport=(320, 640), java_script_enabled=False).new_page()
    enter(mobile, server, shows_code(ben, server))
    mobile.reload()
    expect(mobile.get_by_role("heading", name="Confirm on the other device")).to_be_visible()
    ben.get_by_role("button", name="Yes, it's mine").click()
    expect(ben.get_by_text("You confirmed that it is yours.")).to_be_visible()
    mobile.reload()
    mobile.get_by_role("button", name="Continue").click()
    mobile.goto(room)
    expect(mobile.locator("[data-me]")).to_have_count(1)
    expect(ben.get_by_text("This device is yours now, too.")).to_be_visible()
