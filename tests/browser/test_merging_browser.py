"""Ben on his laptop and "Ben 2" on his phone, both in the running room, become one."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_notes_browser import scope
from tests.browser.test_pages import check
from tests.integration.test_devices import answered, code_on
from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive, editor, look_at, press, pressed, saved


def add_device(page: Page, server: Server, first: Any) -> None:
    """Type the code of a device of Ben's on another, as he does, and say yes on the first."""
    page.goto(f"{server.url}/device")
    page.get_by_label("Code").fill(code_on(first))
    press(page, "Continue")
    answered(first, "yes")
    expect(page.get_by_role("heading", name="Are you also Ben 2?")).to_be_visible()


def own(page: Page) -> None:
    look_at(page, "notes")
    scope(page, "Only mine")


def write_own(page: Page, text: str) -> None:
    own(page)
    editor(page).click()
    page.keyboard.type(text)


def test_two_who_sit_in_the_running_room_become_one_and_both_pages_go_on(
    open_room: Rooms, server: Server
) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    phone = open_room("Ben 2", viewport=(380, 800))
    ben_id, gone = server.house.person("Ben").id, server.house.person("Ben 2").id
    press(ada, "Start")
    pressed(ada, "next_item")
    expect(ada.locator(f"#run .queue [data-person='{gone}']").first).to_be_attached()
    write_own(ben, "From the laptop")
    saved(ben)
    write_own(phone, "From the phone")
    saved(phone)
    other = phone.context.new_page()
    add_device(other, server, server.client_for("Ben"))
    check(other)
    phone.bring_to_front()
    editor(phone).press_sequentially(", half typed")
    press(other, "Yes, that's me")
    editor(phone).press_sequentially(" and typed on")
    for page in (ben, phone):
        expect(page.locator("body")).to_have_attribute("data-me", str(ben_id), timeout=30_000)
        alive(page)
        own(page)
        for words in ("From the laptop", "From the phone, half typed and typed on"):
            expect(editor(page)).to_contain_text(words)
    editor(ben).press_sequentially("Still here. ")
    expect(editor(phone)).to_contain_text("Still here.")
    expect(ada.locator(f"#run .queue [data-person='{ben_id}']")).to_have_count(1)
    expect(ada.locator(f"[data-person='{gone}']")).to_have_count(0)
    expect(ada.locator("#run")).not_to_contain_text("Ben 2")


def test_the_question_reads_well_in_every_language(open_room: Rooms, server: Server) -> None:
    server.house.person("Ada")
    server.house.person("Ben")
    phone = open_room("Ben 2", viewport=(320, 700)).context.new_page()
    add_device(phone, server, server.client_for("Ben"))
    for locale, words in (("fi", "Oletko sinä myös Ben 2?"), ("sv", "Är du också Ben 2?")):
        phone.locator(f"button[lang={locale}]").click()
        expect(phone.get_by_role("heading", level=1)).to_have_text(words)
        check(phone)
