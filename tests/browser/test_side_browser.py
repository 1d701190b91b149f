"""The cards beside the turn: folded until they are asked for, with one way in for each person."""

from __future__ import annotations

from playwright.sync_api import expect

from ementor.programmes import library
from tests.browser.test_pages import check
from tests.support.browsers import Rooms
from tests.support.outside import Server
from tests.support.pages import alive, look_at, press, pressed, unfold


def test_the_people_are_folded_until_asked_for_and_this_device_remembers(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    folk, opens = ada.locator("#folk"), ada.get_by_role("button", name="People")
    expect(ada.locator("#people")).to_contain_text("2 here")
    expect(folk).to_be_hidden()
    opens.press("Enter")
    expect(folk).to_be_visible()
    expect(opens).to_have_attribute("aria-expanded", "true")
    open_room("Gus")
    expect(ada.locator("#people")).to_contain_text("3 here")  # drawn anew
    expect(opens).to_have_attribute("aria-expanded", "true")
    expect(folk.locator("li").filter(has_text="Gus").locator("a, button")).to_have_count(1)
    check(ada)
    ada.reload()
    alive(ada)
    expect(folk).to_be_visible()
    opens.click()
    expect(folk).to_be_hidden()
    ada.reload()
    alive(ada)
    expect(folk).to_be_hidden()
    unfold(ben, "people")
    expect(ben.locator("#folk :is(a, button)")).to_have_count(1)  # about Ben


def test_a_narrow_room_shows_the_people_in_their_view(open_room: Rooms) -> None:
    ada = open_room("Ada", viewport=(380, 760))
    look_at(ada, "people")
    expect(ada.locator("#folk")).to_be_visible()
    expect(ada.locator("#fold-people")).to_be_hidden()


def test_the_link_is_with_the_facilitator_and_a_new_one_shows_itself(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    pressed(ada, "start")
    expect(ben.get_by_role("timer")).to_be_visible()
    for page in (ada, ben):
        unfold(page, "people")
        expect(page.locator("#run input[readonly]")).to_have_count(0)
    expect(ben.get_by_role("link", name="Invite")).to_have_count(0)
    ada.locator("#folk").get_by_role("link", name="Invite").click()
    link = ada.get_by_role("dialog").get_by_label("Link for the others")
    expect(ada.get_by_role("img", name="QR code of the link")).to_be_visible()
    check(ada)
    old = link.input_value()
    press(ada, "New link")
    ada.get_by_role("dialog", name="Make a new link?").get_by_role("button", name="New link").click()
    expect(link).not_to_have_value(old)
    press(ada, "Copy link")
    expect(ada.locator("#status")).to_have_text("Copied")
    ada.get_by_role("link", name="Close").click()
    expect(ada.locator("#sheet")).to_be_hidden()
    assert ben.request.get(f"{ben.url}/invite").status == 403


def test_a_template_says_what_it_is_for_where_it_is_chosen(open_room: Rooms, server: Server) -> None:
    page = open_room.context().new_page()
    page.goto(f"{server.url}/?start=1")
    choice = page.get_by_label("Template")
    first, other = library.to_start_with()[:2]
    expect(choice).to_have_accessible_description(first.purpose["en"])
    choice.select_option(other.key)
    expect(page.locator("#template-for")).to_have_text(other.purpose["en"])
    check(page)
