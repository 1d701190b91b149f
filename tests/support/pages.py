"""What people do on the pages, in any language and at any width."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

ALIVE = "[data-connected=true]"
VIEWS = {"agenda": "#v-agenda", "notes": "#v-notes", "reflection": "#v-reflect", "people": "#v-people"}
WALK = """() => {
  const at = document.activeElement
  const text = at.matches("button, a") ? at.textContent : at.labels?.[0]?.textContent
  return `${at.getAttribute("aria-label") ?? text ?? at.tagName}`.replace(/\\s+/g, " ").trim()
}"""


def alive(page: Page, timeout_s: float = 30) -> None:
    """Wait until the page's line to the room is up."""
    page.locator(ALIVE).wait_for(state="attached", timeout=timeout_s * 1000)


def measured(page: Page) -> None:
    """Wait until the page has measured the server's clock, which it does when its line is up."""
    page.locator("html[data-measured]").wait_for(state="attached")


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the first button of that name. Not by its place: the part it is in may just be renewed."""
    page.get_by_role("button", name=name).first.click()


def pressed(page: Page, value: str) -> None:
    """Press the button that sends ``value``, whatever it is called in the page's language."""
    page.locator(f'button[name=press][value="{value}"]').first.click()


def look_at(page: Page, view: str) -> None:
    """Show one of the four views, which a narrow page shows one at a time."""
    choice = page.locator(VIEWS[view])
    if choice.is_visible():
        choice.check()


def editor(page: Page) -> Locator:
    return page.locator("#notes [role=textbox]")


def write(page: Page, text: str, item: int) -> None:
    """Write a paragraph of one's own at the end of the notes of an item."""
    look_at(page, "notes")
    page.locator(f"#tab-item-{item}").click()
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


def answer(page: Page, question: str, text: str, how: str) -> None:
    """Answer a question (1, 2 or own) of the closing reflection, and say who sees it."""
    look_at(page, "reflection")
    page.locator(f"#reflection textarea[name=text-{question}]").fill(text)
    choice = page.locator(f"#reflection button[name=sharing-{question}][value={how}]")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")


def promise(page: Page, text: str) -> None:
    page.locator("#reflection textarea[name=step]").fill(text)


def rate(page: Page, number: int) -> None:
    choice = page.locator("#reflection .scale button").nth(number - 1)
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")


def done(page: Page) -> None:
    choice = page.locator("#reflection button[name=done]")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")


def end_meeting(page: Page) -> Any:
    press(page, "End the meeting")
    page.get_by_role("dialog").get_by_role("button", name="End the meeting").click()
