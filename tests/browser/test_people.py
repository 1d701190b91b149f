"""At the door, let in, removed, and facilitating handed over, as browsers see it."""

from __future__ import annotations

from playwright.sync_api import Page, Response, expect

from tests.browser.test_pages import check
from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive, look_at, press, unfold

GREETING = "Hei ja tervetuloa.\nWe open soon."


def door(server: Server) -> str:
    """Let everybody new wait at the door of Ada's group; return its link."""
    ada = server.house.person("Ada").client
    settings = {"name": "Secret circle", "entry": "ask", "greeting": GREETING}
    assert ada.post(f"/m/{server.house.meeting_id}/group", data=settings).status_code == 303
    return server.url + server.house.join_path


def come(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Ask to come in").click()
    expect(page.get_by_role("heading", name="You are waiting to come in")).to_be_visible()


def test_who_waits_learns_nothing_and_is_let_in_without_leaving_the_page(
    open_room: Rooms, server: Server
) -> None:
    ada = open_room("Ada", viewport=(380, 700))
    zoe, heard = open_room.context().new_page(), []
    zoe.on("response", lambda answer: heard.append(answer))
    zoe.on("websocket", lambda wire: heard.append(wire))
    come(zoe, door(server), "Zoe")
    check(zoe)
    look_at(ada, "notes")
    ada.locator("#notes [role=textbox]").click()
    ada.keyboard.type("Being written")
    expect(ada.locator("#knock-said", has_text="Zoe would like to come in")).to_be_visible()
    expect(ada.locator("#status")).to_have_text("Zoe would like to come in")
    expect(ada.locator("#notes [role=textbox]")).to_be_focused()
    zoe.wait_for_event("response", lambda answer: answer.status == 204, timeout=15_000)
    assert all(isinstance(answer, Response) for answer in heard)  # no socket at all
    assert not any(word in zoe.content() for word in ("Ada", "Secret circle", "Being written"))
    check(ada, views=True)
    ada.locator("#knock").get_by_role("button", name="Let in").click()
    alive(zoe)
    expect(zoe.get_by_role("heading", name="Secret circle")).to_be_visible()
    expect(ada.locator("#knock button")).to_have_count(0)
    expect(ada.locator("#status")).to_have_text("Zoe has joined")
    look_at(ada, "notes")
    expect(ada.locator("#notes [role=textbox]")).to_contain_text("Being written")


def test_a_refusal_is_said_at_once_and_after_a_reload(open_room: Rooms, server: Server) -> None:
    ada = open_room("Ada")
    zoe = open_room.context().new_page()
    come(zoe, door(server), "Zoe")
    press(ada, "Refuse: Zoe")
    ada.get_by_role("dialog", name="Refuse Zoe?").get_by_role("button", name="Refuse").click()
    expect(zoe.get_by_role("heading", name="You were not let in")).to_be_visible(timeout=15_000)
    check(zoe)
    zoe.goto(server.url + server.house.join_path)
    expect(zoe.get_by_role("heading", name="You were not let in")).to_be_visible()


def test_who_is_removed_sees_nothing_more(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    unfold(ada, "people")
    ada.get_by_role("link", name="More about Ben").click()
    check(ada)
    press(ada, "Remove from the group")
    ada.locator("#confirm-yes").click()
    expect(ben.get_by_role("heading", name="Page not found")).to_be_visible(timeout=15_000)
    assert "Ada" not in ben.content()
    expect(ada.locator("#people")).not_to_contain_text("Ben")
    expect(ada.locator("#sheet")).to_be_hidden()


def test_the_hat_goes_over_when_asked_twice_and_outlasts_a_reload(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    unfold(ada, "people")
    ada.get_by_role("link", name="More about Ben").click()
    press(ada, "Hand over to Ben")
    question = ada.get_by_role("dialog", name="Hand over to Ben?")
    check(ada)
    question.get_by_role("button", name="Cancel").click()
    expect(ada.get_by_role("button", name="Hand over to Ben")).to_be_focused()
    expect(ben.get_by_role("button", name="Start the meeting")).to_have_count(0)
    press(ada, "Hand over to Ben")
    question.get_by_role("button", name="Hand over").click()
    expect(ben.get_by_role("button", name="Start the meeting")).to_be_visible()
    expect(ada.get_by_role("button", name="Start the meeting")).to_have_count(0)
    for page in (ada, ben):
        page.reload()
        alive(page)
    expect(ben.get_by_role("button", name="Start the meeting")).to_be_visible()
    expect(ada.get_by_role("button", name="Start the meeting")).to_have_count(0)


def test_settings_that_were_refused_are_not_lost(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    unfold(ada, "people")
    ada.get_by_role("link", name="Group settings").click()
    sheet = ada.locator("#sheet")
    check(ada)
    sheet.get_by_label("Greeting for people who are waiting").fill("Typed with care")
    sheet.get_by_label("Everybody can run the timer").check()
    sheet.get_by_label("Name of the group").fill(" ")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.locator(".wrong")).to_have_text("Write a name for the group.")
    expect(sheet.get_by_label("Greeting for people who are waiting")).to_have_value("Typed with care")
    sheet.get_by_label("Name of the group").fill("Renamed")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()
    expect(ben.get_by_role("heading", name="Renamed")).to_be_visible()
    press(ben, "Start the meeting")
    expect(ben.get_by_role("button", name="Next item").first).to_be_visible()


def test_without_a_script_the_door_and_the_settings_work(open_room: Rooms, server: Server) -> None:
    link = door(server)
    ada, zoe = (open_room.context(java_script_enabled=False) for _ in range(2))
    cookies = server.house.person("Ada").client.cookies
    ada.add_cookies([{"name": one.name, "value": one.value or "", "url": server.url} for one in cookies])
    waits, sheet = zoe.new_page(), ada.new_page()
    come(waits, link, "Zoe")
    sheet.goto(f"{server.url}/m/{server.house.meeting_id}")
    sheet.get_by_role("link", name="Group settings").click()
    sheet.get_by_role("button", name="Let in: Zoe").click()
    expect(sheet.get_by_role("heading", name="Would like to come in")).to_have_count(0)
    waits.reload()
    expect(waits.get_by_role("heading", name="Secret circle")).to_be_visible()
    sheet.get_by_label("Always directly").check()
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_have_url(f"{server.url}/m/{server.house.meeting_id}")
    sheet.get_by_role("link", name="More about Zoe").click()
    sheet.get_by_role("button", name="Observer").click()
    expect(sheet.locator("#people")).to_contain_text("observer")
