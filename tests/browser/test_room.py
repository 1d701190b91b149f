"""The room as several people use it at once: agenda, clock, turns, people, languages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.support.browsers import Rooms
from tests.support.databases import Settings, app_of
from tests.support.outside import Server
from tests.support.pages import agree, alive, open_reflection, press, pressed, seconds, speak, unfold

MEPE = "mepe-1"  # ten items, of which the second is a round
TEN_MINUTES = 600


@pytest.fixture(autouse=True)
def mepe(server: Server) -> None:
    server.house.template = MEPE


def titles(page: Page) -> list[str]:
    return page.locator("#plan > li h3").all_inner_texts()


def stage(page: Page) -> object:
    return page.get_by_role("region", name="Turn")


def is_at(page: Page, title: str) -> None:
    expect(page.locator("#plan > li[aria-current=step] h3")).to_have_text(title)


def speaks(page: Page, name: str) -> None:
    expect(page.locator(".queue li[aria-current=true]")).to_contain_text(name)


def until_left(page: Page, most_s: int) -> None:
    """Wait until the ring shows ``most_s`` seconds or less; a clock that counts up fails."""
    expect(page.locator("#ring .left")).to_have_text(re.compile(r"^\d+:\d\d$"))
    page.wait_for_function(
        """most => {
          const [minutes, rest] = document.querySelector("#ring .left").textContent.split(":")
          return minutes * 60 + Number(rest) <= most
        }""",
        arg=most_s,
        timeout=20_000,
    )


def begin_round(ada: Page, *others: Page) -> None:
    press(ada, "Start the meeting")
    press(ada, "Next item")
    for page in (ada, *others):
        is_at(page, "Opening round")


# The agenda


def test_the_agenda_is_edited_before_and_during_the_meeting(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    plan = titles(ada)
    expect(ben.get_by_role("button", name="Edit the agenda")).to_have_count(0)
    press(ada, "Edit the agenda")

    press(ada, "Add an item")
    ada.get_by_label("Title").fill("News from <b>everyone</b>")
    ada.get_by_label("Minutes", exact=True).fill("7")
    press(ada, "Save")
    plan.insert(len(plan) - 1, "News from <b>everyone</b>")  # the closing reflection stays last
    expect(ben.locator("#plan > li h3")).to_have_text(plan)

    press(ada, re.compile("^Change: Opening round"))
    ada.get_by_label("Title").fill("Hello round")
    ada.get_by_label("Minutes", exact=True).fill("20")
    press(ada, "Save")
    plan[1] = "Hello round"
    expect(ben.locator("#plan > li h3")).to_have_text(plan)
    expect(ben.locator("#item-2")).to_contain_text("20")

    down = ada.get_by_role("button", name="Move down: Hello round")
    down.press("Enter")
    expect(ben.locator("#plan > li h3").nth(2)).to_have_text("Hello round")
    expect(down).to_be_focused()
    down.press("Enter")
    expect(ben.locator("#plan > li h3").nth(3)).to_have_text("Hello round")
    ada.get_by_role("button", name="Move up: Hello round").press("Space")
    expect(ben.locator("#plan > li h3").nth(2)).to_have_text("Hello round")
    plan.insert(2, plan.pop(1))

    drag(ada, from_id=2, to_id=1)
    plan.insert(0, plan.pop(2))
    expect(ben.locator("#plan > li h3")).to_have_text(plan)

    press(ada, "Delete: Break")
    expect(ben.locator("#plan")).not_to_contain_text("Break")
    ada.locator("#plan > li").nth(plan.index("Break")).get_by_role("button", name="Undo").click()
    expect(ben.locator("#plan > li h3")).to_have_text(plan)

    press(ada, "Start the meeting")
    is_at(ben, "Hello round")
    press(ada, f"Skip: {plan[1]}")
    expect(ben.locator("#plan > li").nth(1)).to_contain_text("skipped")
    press(ada, "Next item")
    is_at(ben, plan[2])
    drag(ada, from_id=6, to_id=4)  # Break, among the coming ones
    plan.remove("Break")
    plan.insert(plan.index("Short input"), "Break")
    expect(ben.locator("#plan > li h3")).to_have_text(plan)
    expect(ada.get_by_role("button", name="Delete: Hello round")).to_have_count(0)


def drag(page: Page, from_id: int, to_id: int) -> None:
    """Drag an item by its grip to before another."""
    grip = page.locator(f"#item-{from_id} [data-drag]")
    grip.scroll_into_view_if_needed()
    grip.hover()
    page.mouse.down()
    target = page.locator(f"#item-{to_id}")
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 6, steps=4)
    page.mouse.up()


# The clock


def test_f08_every_page_shows_the_same_second_whatever_its_own_clock_says(
    open_room: Rooms, server: Server
) -> None:
    ada = open_room("Ada")
    fast, slow = open_room("Ben", clock_off_s=TEN_MINUTES), open_room("Gus", clock_off_s=-TEN_MINUTES)
    press(ada, "Start the meeting")
    for page in (fast, slow):
        is_at(page, "Welcome and how this meeting goes")
    agree(ada, fast, slow)
    assert 290 < seconds(ada) <= 300
    ends = ada.locator("#ends").inner_text()
    expect(fast.locator("#ends")).to_have_text(ends)
    fast.reload()
    alive(fast)
    agree(ada, fast)
    late = open_room("Dan", clock_off_s=5 * TEN_MINUTES)
    agree(ada, fast, slow, late)
    expect(late).to_have_title(re.compile(r"^4:\d\d · Welcome"))
    fast.evaluate("Date.now = () => 0")  # somebody sets the computer's clock in the middle of it
    until_left(fast, seconds(fast) - 2)
    agree(ada, fast)


def test_minutes_more_and_less_pause_and_going_back(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    press(ada, "Start the meeting")
    expect(ben.locator("#over")).to_have_text("on time")
    press(ada, "Add one minute")
    expect(ben.locator("#ring .of")).to_have_text("of 6 min")
    expect(ben.locator("#over")).to_have_text("1 min behind schedule")
    press(ada, "Take one minute away")
    expect(ben.locator("#ring .of")).to_have_text("of 5 min")
    press(ada, "Pause")
    expect(stage(ben)).to_contain_text("Paused")
    stopped = seconds(ben)
    press(ada, "Next item")
    is_at(ben, "Opening round")
    press(ada, "Undo")
    is_at(ben, "Welcome and how this meeting goes")
    assert seconds(ben) == stopped
    agree(ada, ben)
    press(ada, "Resume")
    expect(stage(ben)).not_to_contain_text("Paused")
    until_left(ben, stopped - 1)
    agree(ada, ben)


def test_time_that_is_over_counts_up_calmly_and_nobody_is_cut_off(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    begin_round(ada, ben)
    press(ada, "Start the round")
    speaks(ben, "Ada")
    for allotted_s in (290, 230, 170, 110, 50, 10):  # two of them, 12 min − 2 × 10 s
        press(ada, "Take one minute away")
        expect(ada.locator("#clock-data")).to_have_attribute("data-allotted-s", str(allotted_s))
    expect(ada.locator("#ring .left")).to_have_text(re.compile(r"^\+0:0[2-9]$"), timeout=20_000)
    expect(ada.get_by_role("timer", name="Over time")).to_be_visible()
    expect(ada.locator("#status")).to_have_text("Time is up")
    expect(ada).to_have_title(re.compile(r"^\+0:\d\d · "))
    agree(ada, ben)
    speaks(ben, "Ada")
    expect(stage(ada)).to_contain_text("Nobody will cut you off")


def test_a_running_clock_sends_no_messages(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Start the meeting")
    sockets: list[WebSocket] = []
    ben = open_room("Ben", connected=False)
    ben.on("websocket", lambda socket: sockets.append(socket))
    ben.reload()
    alive(ben)
    settled(ben)
    frames: list[str] = []
    requests: list[str] = []
    sockets[-1].on("framereceived", lambda frame: frames.append(f"< {frame!r}"))
    sockets[-1].on("framesent", lambda frame: frames.append(f"> {frame!r}"))
    ben.on("request", lambda request: requests.append(request.url))
    until_left(ben, seconds(ben) - 8)
    assert [frame for frame in frames if frame not in {"< '2'", "> '3'"}] == []
    assert not requests


def settled(page: Page) -> None:
    """Wait until what follows a join has passed: the clock measured, the notes opened, the first poll."""
    expect(page.locator("#notes .saved")).to_have_text("Saved")
    until_left(page, seconds(page) - 4)


# Turns


def test_a_round_goes_through_all_with_equal_time(open_room: Rooms) -> None:
    ada, ben, gus = open_room("Ada"), open_room("Ben"), open_room("Gus")
    begin_round(ada, ben, gus)
    expect(stage(gus)).to_contain_text("You are number 3 of 3")
    expect(stage(ada)).to_contain_text("3 people, 3:50 each")  # (12 min − 3 × 10 s) / 3
    press(ada, "Start the round: Ada")
    expect(stage(ada)).to_contain_text("Your turn, Ada")
    expect(stage(ben)).to_contain_text("You are next")
    expect(ben.locator("#status")).to_contain_text("You are next")
    expect(ben).to_have_title(re.compile(r"^3:\d\d · You are next"))
    assert (ben.locator("link[rel=icon]").get_attribute("href") or "").startswith("data:image/svg")
    expect(ben.get_by_role("button", name="Next speaker")).to_have_count(0)
    press(ada, "Next speaker: Ben")

    press(ben, "I'll speak later")
    speaks(ada, "Gus")
    expect(stage(ben)).to_contain_text("You are next")
    late = open_room("Dan")
    expect(stage(late)).to_contain_text("You are number 4 of 4")
    press(gus, "Pass my turn")
    speaks(ada, "Ben")
    expect(stage(gus)).to_contain_text("You passed")
    expect(stage(ben)).to_contain_text("Your turn, Ben")
    expect(ben).to_have_title(re.compile("It is your turn"))
    ben.reload()
    speaks(ben, "Ben")
    agree(ada, ben, gus, late)
    press(ben, "Next speaker: Dan")
    press(late, "Finish the round")
    for page in (ada, ben):
        expect(stage(page)).to_contain_text("Everyone has had a turn")
    press(ada, "Undo")
    speaks(ben, "Dan")


def test_the_order_is_shuffled_before_the_round_and_anybody_can_be_given_the_word(
    open_room: Rooms, server: Server
) -> None:
    pages = [open_room(name) for name in ("Ada", "Ben", "Gus")]
    for name in ("Cai", "Dan", "Eli", "Fay", "Hal"):
        assert server.socket_for(name).join()["ok"]
    ada = pages[0]
    expect(ada.get_by_role("region", name="People")).to_contain_text("8 here")
    begin_round(*pages)

    def order(page: Page) -> list[str | None]:
        return [item.get_attribute("id") for item in page.locator(".queue li").all()]

    before = order(ada)
    press(ada, "Shuffle the order")
    ada.wait_for_function(  # the same again: once in 40 320
        "before => [...document.querySelectorAll('.queue li')].map(one => one.id).join() !== before.join()",
        arg=before,
    )
    assert sorted(map(str, order(ada))) == sorted(map(str, before))
    press(ada, "Start the round")
    expect(ada.get_by_role("button", name="Shuffle the order")).to_have_count(0)
    last = order(ada)[-1]
    ada.locator(f"#{last} button.give").click()
    expect(ada.locator(f"#{last}")).to_have_attribute("aria-current", "true")
    for page in pages[1:]:
        expect(page.locator(f"#{last}")).to_have_attribute("aria-current", "true")


def test_in_an_input_one_named_person_speaks(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    press(ada, "Start the meeting")
    press(ada, "Give the turn to Ben")
    expect(stage(ben)).to_contain_text("Your turn, Ben")
    press(ben, "Clock and signals")
    press(ben, "Hidden")
    press(ben, "Close")
    expect(ben.locator("#ring .left")).to_be_hidden()


# People


def test_three_tabs_are_one_person(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    for _ in range(2):
        tab = ben.context.new_page()
        tab.goto(ben.url)
        alive(tab)
    expect(ada.get_by_role("region", name="People")).to_contain_text("2 here")
    press(ada, "Start the meeting")
    for page in ben.context.pages:
        is_at(page, "Welcome and how this meeting goes")
    ben.context.pages[1].close()
    ben.reload()
    alive(ben)
    expect(ben.get_by_role("region", name="People")).to_contain_text("2 here")


def test_who_closes_the_page_is_away_within_a_minute_and_then_back(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    expect(ada.get_by_role("region", name="People")).to_contain_text("2 here")
    unfold(ada, "people")
    address = ben.url
    ben.close()
    away = ada.locator("#people li.away", has_text="Ben")
    expect(away).to_be_visible(timeout=60_000)
    again = ben.context.new_page()
    again.goto(address)
    alive(again)
    expect(away).to_be_hidden()


def test_facilitating_is_passed_on_given_up_and_found_again(open_room: Rooms) -> None:
    ada, ben = open_room("Ada"), open_room("Ben")
    expect(ben.get_by_role("button", name="Start the meeting")).to_have_count(0)
    unfold(ada, "people")
    ada.get_by_role("link", name="More about Ben").click()
    press(ada, "Make Ben a facilitator")
    ada.locator("#confirm-yes").click()
    expect(ben.get_by_role("button", name="Start the meeting")).to_be_visible()
    ada.get_by_role("link", name="More about Ada").click()
    press(ada, "Give up facilitating")
    ada.locator("#confirm-yes").click()
    expect(ada.get_by_role("button", name="Start the meeting")).to_have_count(0)
    press(ben, "Start the meeting")
    is_at(ada, "Welcome and how this meeting goes")
    unfold(ben, "people")
    ben.get_by_role("link", name="More about Ben").click()
    press(ben, "Give up facilitating")
    ben.locator("#confirm-yes").click()
    expect(ben.get_by_role("alert")).to_contain_text("somebody else a facilitator first")
    ben.reload()
    alive(ben)
    expect(ben.get_by_role("button", name="Next item")).to_be_visible()


def test_a_member_takes_over_when_no_facilitator_has_come(
    open_room: Rooms, server: Server, sqlite_settings: Settings
) -> None:
    server.house.person("Ada")  # by her link, but her page is not open
    began_earlier(sqlite_settings)
    ben = open_room("Ben")
    ben.clock.install()
    ben.reload()
    alive(ben)
    offer = ben.get_by_role("button", name="Run the meeting")
    expect(offer).to_be_hidden()
    server.pass_time(timedelta(seconds=62))  # too: the page goes by the server's clock
    ben.clock.run_for(62_000)
    expect(offer).to_be_visible()
    offer.click()
    expect(ben.get_by_role("button", name="Start the meeting")).to_be_visible()


def began_earlier(settings: Settings) -> None:
    """Let the meeting be older than a minute."""
    from ementor.database import db, transactional
    from ementor.meetings.models import Meeting

    @transactional
    def age() -> None:
        for meeting in db.session.query(Meeting):
            meeting.created_at -= timedelta(minutes=2)

    with app_of(settings):
        age()


# Languages, copying


def test_the_language_is_switched_in_the_room_and_kept(open_room: Rooms) -> None:
    ada = open_room("Ada")
    press(ada, "Start the meeting")
    is_at(ada, "Welcome and how this meeting goes")
    for code, title in (
        ("fi", "Tervetuloa ja tapaamisen kulku"),
        ("sv", "Välkommen och träffens upplägg"),
        ("en", "Welcome and how this meeting goes"),
    ):
        speak(ada, code)
        expect(ada.locator("html")).to_have_attribute("lang", code)
        alive(ada)
        is_at(ada, title)
        pressed(ada, "plus_minute")
        is_at(ada, title)  # what the press brings is in the same language
    speak(ada, "fi")
    expect(ada.locator("html")).to_have_attribute("lang", "fi")
    ada.goto("/".join(ada.url.split("/")[:3]))
    expect(ada.locator("html")).to_have_attribute("lang", "fi")


def test_the_link_is_copied_and_shown_as_a_code(open_room: Rooms) -> None:
    ada = open_room("Ada", permissions=["clipboard-read", "clipboard-write"])
    link = ada.locator("#join-link").input_value()
    press(ada, "Copy link")
    expect(ada.locator("#status")).to_have_text("Copied")
    assert ada.evaluate("navigator.clipboard.readText()") == link
    expect(ada.get_by_role("img", name="QR code of the link")).to_be_visible()
    newcomer = open_room.context().new_page()
    newcomer.goto(link)
    newcomer.get_by_label("Your name").fill("Zoe")
    press(newcomer, "Join")
    alive(newcomer)
    newcomer.goto(link)  # known on this device
    alive(newcomer)
    expect(ada.get_by_role("region", name="People")).to_contain_text("2 here")


def test_a_room_asks_for_the_reflection_once_it_is_opened_and_then_once(open_room: Rooms) -> None:
    ada = open_room("Ada")
    expect(ada.locator("body[data-joined]")).to_be_attached()
    expect(
        ada.locator("#last-time:not([data-beside='0'])")
    ).to_be_attached()  # what is asked for with the page has come

    def asked() -> list[str]:
        names = ada.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        return [name for name in names if name.endswith("/reflection")]

    assert asked() == []
    open_reflection(ada)
    assert asked() == [f"{ada.url}/reflection"]
