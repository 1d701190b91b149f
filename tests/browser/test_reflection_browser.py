"""The closing reflection in browsers: saved as one types, shared as one chooses, and then the record."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling
from tests.support.pages import alive, look_at, open_reflection, pressed

TAKING = "What are you taking with you from this meeting?"
UNSAID = "What was left unfinished or unsaid?"


def part(page: Page) -> Any:
    return page.get_by_role("region", name="Closing reflection")


def field(page: Page, question: str) -> Any:
    open_reflection(page)
    return part(page).get_by_role("textbox", name=question)


def share(page: Page, question: str, how: str) -> None:
    button = part(page).get_by_role("group", name=question).get_by_role("button", name=how, exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def state(page: Page) -> Any:
    return part(page).locator("[data-state]")


def test_what_is_typed_is_saved_and_there_after_a_reload(open_room: Any) -> None:
    ben = open_room("Ben")
    field(ben, TAKING).press_sequentially("I am not alone", delay=10)
    expect(state(ben)).to_have_text("Saved")
    part(ben).get_by_role("button", name="4", exact=True).click()
    expect(part(ben).get_by_role("button", name="4", exact=True)).to_have_attribute("aria-pressed", "true")
    ben.reload()
    expect(field(ben, TAKING)).to_have_value("I am not alone")
    expect(part(ben).get_by_role("button", name="4", exact=True)).to_have_attribute("aria-pressed", "true")


def test_over_a_bad_line_it_says_so_and_saves_when_the_line_is_back(open_room: Any) -> None:
    ben = open_room("Ben")
    field(ben, TAKING).fill("before")
    expect(state(ben)).to_have_text("Saved")
    ben.context.set_offline(True)
    field(ben, TAKING).press_sequentially(" and during", delay=10)
    expect(state(ben)).to_have_text("Not saved yet", timeout=2_000)
    ben.context.set_offline(False)
    expect(state(ben)).to_have_text("Saved", timeout=15_000)
    ben.reload()
    expect(field(ben, TAKING)).to_have_value("before and during")


def test_news_of_others_does_not_touch_what_is_being_typed(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    ada.get_by_role("button", name="Start the meeting").click()
    field(ben, TAKING).press_sequentially("half a sen", delay=10)
    open_reflection(ada)
    part(ada).get_by_role("button", name="My answers are ready").click()
    expect(part(ben)).to_contain_text("1 of 2 ready")
    expect(field(ben, TAKING)).to_be_focused()
    field(ben, TAKING).press_sequentially("tence", delay=10)
    expect(field(ben, TAKING)).to_have_value("half a sentence")
    expect(state(ben)).to_have_text("Saved")


def test_it_is_asked_for_when_it_may_look_different_and_not_with_each_clock(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    pressed(ada, "start")
    for page in (ada, ben):
        open_reflection(page)
    opens = part(ben).locator("#opens")
    expect(opens).to_contain_text("planned for")
    before = opens.text_content()
    beside = ben.locator("#run").get_attribute("data-beside")
    assert beside
    for card in ("#reflection", "#last-time"):  # what the start had them ask for has come
        expect(ben.locator(card)).to_have_attribute("data-beside", beside)
    asked: list[str] = []
    ben.on("request", lambda request: "/m/" in request.url and asked.append(urlsplit(request.url).path))
    for number in range(3):
        pressed(ada, "plus_minute")
        expect(ada.locator(".stage .of")).to_have_text(f"of {6 + number} min")
        expect(ben.locator(".stage .of")).to_have_text(f"of {6 + number} min")
    expect(opens).not_to_have_text(before)  # told by the clock
    assert asked == []  # the run's part is pushed
    part(ada).get_by_role("button", name="My answers are ready").click()
    expect(part(ben).locator("#reflection-count")).to_have_text("1 of 2 ready")
    assert [path.rpartition("/")[2] for path in asked].count("reflection") == 1


def test_it_fits_a_narrow_page_in_long_words_too(open_room: Any) -> None:
    ada = open_room("Ada")
    pressed(ada, "start")
    for name, locale, says in (("Ben", "fi", "suunniteltu klo"), ("Gus", "sv", "planerad kl.")):
        page = open_room(name, viewport=(320, 640), locale=locale)
        look_at(page, "reflection")
        expect(page.locator("#opens")).to_contain_text(says)
        fits = page.locator("#reflection").evaluate("card => card.scrollWidth <= card.clientWidth")
        assert fits, f"{locale} is wider than its card"


def test_ones_pages_on_two_devices_show_the_same(open_room: Any) -> None:
    ben = open_room("Ben")
    other = ben.context.new_page()
    other.goto(ben.url)
    alive(other)
    field(ben, TAKING).press_sequentially("I am not alone", delay=10)
    expect(field(other, TAKING)).to_have_value("I am not alone")
    field(ben, UNSAID).fill("nothing")
    expect(field(other, UNSAID)).to_have_value("nothing")
    other.context.set_offline(True)  # both hear nothing
    field(ben, UNSAID).fill("nothing more")
    other.context.set_offline(False)
    expect(state(ben)).to_have_text("Saved", timeout=15_000)
    expect(field(other, UNSAID)).to_have_value("nothing more", timeout=30_000)


def test_a_field_in_use_takes_what_another_device_wrote_when_it_is_left(open_room: Any) -> None:
    ben = open_room("Ben")
    other = ben.context.new_page()
    other.clock.install()
    other.goto(ben.url)
    alive(other)
    field(other, TAKING).focus()
    with other.expect_response("**/reflection"):
        field(ben, TAKING).fill("I am not alone")
    assert field(other, TAKING).input_value() == ""
    field(other, UNSAID).focus()
    other.clock.fast_forward(31_000)
    expect(field(other, TAKING)).to_have_value("I am not alone")


def test_each_sees_after_the_reveal_what_the_others_chose_to_share(open_room: Any) -> None:
    ada, ben, gus = open_room("Ada"), open_room("Ben"), open_room("Gus")
    ada.get_by_role("button", name="Start the meeting").click()
    field(ben, TAKING).fill("words with a name")
    share(ben, TAKING, "With name")
    field(ben, UNSAID).fill("words for me")
    field(gus, TAKING).fill("words without one")
    share(gus, TAKING, "Without name")
    for page in (ben, gus):
        part(page).get_by_role("button", name="My answers are ready").click()
        expect(part(page).get_by_role("button", name="My answers are ready")).to_have_attribute(
            "aria-pressed", "true"
        )
    open_reflection(ada)
    expect(part(ada)).to_contain_text("2 of 3 ready")
    expect(part(ada)).not_to_contain_text(re.compile("words (with|for)"))
    expect(part(ben).get_by_role("button", name="Reveal")).to_have_count(0)
    part(ada).get_by_role("button", name="Reveal").click()
    ada.locator("#confirm-yes").click()  # not everybody is done
    for page in (ada, ben, gus):
        shared = part(page).locator("#reflection-shared")
        expect(shared).to_contain_text("words with a name")
        expect(shared).to_contain_text("words without one")
        expect(shared).not_to_contain_text("words for me")
        expect(shared).not_to_contain_text("Gus")
    assert "words for me" not in ada.content()
    assert_accessible(ada)


def test_the_room_becomes_the_record_after_the_end(open_room: Any) -> None:
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(320, 700))
    ada.get_by_role("button", name="Start the meeting").click()
    look_at(ben, "reflection")
    field(ben, TAKING).fill("kept for all")
    share(ben, TAKING, "With name")
    field(ben, UNSAID).fill("only mine")
    expect(state(ben)).to_have_text("Saved")
    end = ada.get_by_role("button", name="End the meeting").first
    end.scroll_into_view_if_needed()
    end.click()
    ada.get_by_role("dialog").get_by_role("button", name="End the meeting").click()
    expect(ada.get_by_text("The meeting has ended").first).to_be_visible()
    ben.goto(ben.url)
    expect(ben.get_by_role("heading", name="Shared notes")).to_be_visible()
    expect(ben.get_by_text("only mine")).to_be_visible()
    expect(ben.get_by_text("kept for all")).to_have_count(0)  # the minute is not over
    assert_no_sideways_scrolling(ben)
    assert_accessible(ben)
    ada.goto(ada.url)
    ada.get_by_role("button", name="Continue the meeting").click()
    expect(ada.get_by_role("region", name="Agenda")).to_be_visible()
    expect(ben.locator("#reflection")).to_be_attached(timeout=15_000)  # the open record found out by itself


def test_a_page_of_its_own_works_with_and_without_scripts(open_room: Any, server: Any) -> None:
    ben = open_room("Ben")
    ben.goto(f"{ben.url}/reflection")
    share(ben, TAKING, "With name")
    assert_accessible(ben)
    plain = open_room("Ben", java_script_enabled=False, connected=False)
    plain.goto(f"{plain.url}/reflection")
    field(plain, TAKING).fill("typed in plain HTML")
    plain.get_by_role("button", name="Save").click()
    plain.goto(f"{plain.url.partition('#')[0]}/reflection")
    expect(field(plain, TAKING)).to_have_value("typed in plain HTML")
    expect(part(plain).get_by_role("button", name="With name").first).to_have_attribute(
        "aria-pressed", "true"
    )
