"""What people do on the pages, in any language and at any width."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.machine import wait_until

ALIVE = "[data-connected=true]"
VIEWS = {
    "turn": "#v-turn",
    "agenda": "#v-agenda",
    "notes": "#v-notes",
    "reflection": "#v-reflect",
    "people": "#v-people",
}
WALK = """() => {
  const at = document.activeElement
  const text = at.matches("button, a") ? at.textContent : at.labels?.[0]?.textContent
  return `${at.getAttribute("aria-label") ?? text ?? at.tagName}`.replace(/\\s+/g, " ").trim()
}"""


def alive(page: Page, timeout_s: float = 30) -> None:
    """Wait until the page is connected to the room."""
    page.locator(ALIVE).wait_for(state="attached", timeout=timeout_s * 1000)


def measured(page: Page) -> None:
    """Wait until the page has measured the server's clock, which it does once it is connected."""
    page.locator("html[data-measured]").wait_for(state="attached")


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the first button of that name. Not by its place: the part it is in may just be renewed."""
    button = page.get_by_role("button", name=name)
    behind = page.locator("#more").get_by_role("button", name=name, include_hidden=True)
    _reach(page, button.first, behind.first)
    button.first.click()


def pressed(page: Page, value: str) -> None:
    """Press the button that sends ``value``, whatever it is called in the page's language."""
    if page.locator(f'.stage button[name=press][value="{value}"]').count():
        look_at(page, "turn")
    button = page.locator(f'button[name=press][value="{value}"]').filter(visible=True)
    _reach(page, button.first, page.locator(f'#more button[value="{value}"]').first)
    button.first.click()


def _reach(page: Page, button: Locator, behind: Locator) -> None:
    """Wait until there is a button in sight, or open what More has behind it."""
    button.or_(behind).first.wait_for(state="attached")
    if not button.count() and behind.count():
        page.locator(".to-more").click()


def look_at(page: Page, view: str) -> None:
    """Show one of the views, which a narrow page shows one at a time; the closing reflection opens."""
    choice = page.locator(VIEWS[view])
    if choice.is_visible():
        choice.check()
    if view == "reflection":
        open_reflection(page)


def open_reflection(page: Page) -> None:
    """Open the closing reflection, where it is a line still."""
    page.locator("#reflection").wait_for(state="attached")
    button = page.locator("#reflection [data-unfolds][aria-expanded=false]")
    if button.is_visible():
        button.click()
    page.locator("#reflection:not([data-beside='0'])").wait_for(state="attached")


def to_part(page: Page, part: str) -> None:
    """Show another part of the notes: ``item-2``, ``general`` or ``outside``."""
    page.locator("#note-part").click()
    page.locator(f"#part-{part}").click()
    expect(page.locator("#note-menu")).to_be_hidden()


def unfold(page: Page, name: str) -> None:
    """Open the card ``name`` beside the turn, where it is folded."""
    button = page.locator(f"[data-fold={name}]")
    if button.is_visible() and button.get_attribute("aria-expanded") == "false":
        button.click()


def speak(page: Page, locale: str) -> None:
    """Choose the language of a room, in a sheet of its head."""
    wide = page.locator("#to-languages")
    (wide if wide.is_visible() else page.locator("#to-menu")).click()
    page.locator(f"#sheet .languages button[lang={locale}]").click()


def use_tool(page: Page, name: str) -> None:
    """Press a tool of the notes, which are there while the keyboard is in the editor; most are behind Aa."""
    toolbar = page.locator("#notes [role=toolbar]")
    tool = toolbar.get_by_role("button", name=name)
    if not toolbar.is_visible():
        editor(page).focus()
    toolbar.wait_for()
    if not tool.is_visible():
        page.locator("#note-looks-open").click()
    tool.click()


def editor(page: Page) -> Locator:
    return page.locator("#notes [role=textbox]")


def write(page: Page, text: str, item: int) -> None:
    """Write a paragraph of one's own at the end of the notes of an item."""
    look_at(page, "notes")
    to_part(page, f"item-{item}")
    editor(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def saved(page: Page, timeout_s: float = 20) -> None:
    expect(page.locator("#notes .saved")).to_have_attribute("data-state", "saved", timeout=timeout_s * 1000)


def walk_to(page: Page, name: str, *, most: int = 150, key: str = "Tab") -> None:
    """Go by Tab to what has ``name``; fails when the keyboard does not lead there."""
    seen = []
    for _ in range(most):
        page.keyboard.press(key)
        seen.append(page.evaluate(WALK))
        if name in seen[-1]:
            return
    raise AssertionError(f"Tab does not lead to {name!r}, only to {seen}")


def seconds(page: Page) -> int:
    """Return the seconds that the ring shows; over time they are below zero."""
    text = page.get_by_role("timer").locator(".left").inner_text()
    minutes, rest = text.lstrip("+").split(":")
    shown = int(minutes) * 60 + int(rest)
    return -shown if text.startswith("+") else shown


def agree(*pages: Page, within_s: int = 1) -> None:
    """Wait until the rings show the same time, give or take what passes between reading one and the next."""

    def differ_s() -> int:
        shown = [seconds(page) for page in pages]
        return max(shown) - min(shown)

    wait_until(lambda: differ_s() <= within_s, "the pages to show the same time")


def answer(page: Page, question: str, text: str, how: str) -> None:
    """Answer a question (1, 2 or own) of the closing reflection, and say who sees it."""
    look_at(page, "reflection")
    page.locator(f"#reflection textarea[name=text-{question}]").fill(text)
    choice = page.locator(f"#reflection button[name=sharing-{question}][value={how}]")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")


def promise(page: Page, text: str) -> None:
    look_at(page, "reflection")
    page.locator("#reflection textarea[name=step]").fill(text)


def rate(page: Page, number: int) -> None:
    look_at(page, "reflection")
    choice = page.locator("#reflection .scale button").nth(number - 1)
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")


def done(page: Page) -> None:
    look_at(page, "reflection")
    choice = page.locator("#reflection button[name=done]")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")


def end_meeting(page: Page) -> Any:
    press(page, "End the meeting")
    page.get_by_role("dialog").get_by_role("button", name="End the meeting").click()
