"""One whole meeting in Firefox and WebKit: one person in each, and the other way round."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from tests.support import other_browsers
from tests.support.other_browsers import OtherBrowser
from tests.support.outside import Server

NOW = "document.querySelector('#plan li.now h3')"
EDITOR = "#notes [role=textbox]"


def says(browser: OtherBrowser, selector: str, text: str) -> None:
    browser.until(
        f"(document.querySelector({json.dumps(selector)})?.textContent ?? '').includes({json.dumps(text)})"
    )


def presses(browser: OtherBrowser, name: str) -> None:
    browser.press(f'button[name=press][value="{name}"]')


def fills(browser: OtherBrowser, selector: str, text: str) -> None:
    browser.press(selector)
    browser.type(text)


def in_room(browser: OtherBrowser) -> None:
    browser.until("document.body?.dataset.connected === 'true'")


@pytest.mark.larger
@pytest.mark.parametrize("facilitates", ["firefox", "webkit"])
def test_a_whole_meeting_of_firefox_and_webkit(server: Server, facilitates: str) -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(other_browsers.firefox()), stack.enter_context(other_browsers.webkit())]
        ada, ben = both if facilitates == "firefox" else reversed(both)

        ada.open(f"{server.url}/?start=1")
        fills(ada, "#name", "Ada")
        ada.press("#start button.main")
        in_room(ada)
        link = ada.until("document.querySelector('#join-link')?.value")

        ben.open(link)
        fills(ben, "input[name=name]", "Ben\n")
        in_room(ben)
        says(ada, "#run", "Ben")

        presses(ada, "start")
        ben.until("!['before', 'closed'].includes(document.querySelector('#run').dataset.phase)")

        fills(ada, EDITOR, "Ada was here. ")
        says(ben, EDITOR, "Ada was here.")
        fills(ben, EDITOR, "Ben too. ")
        says(ada, EDITOR, "Ben too.")
        for one in (ada, ben):
            one.until("document.querySelector('#notes .saved').dataset.state === 'saved'")

        titles = goes_through(ada, ben)
        assert len(titles) > 3, titles
        fills(ben, "#reflection textarea[name=text-1]", "A question to keep")
        ben.press("#reflection button[name=sharing-1][value=named]")
        ben.until(
            "document.querySelector('#reflection button[name=sharing-1][value=named]').ariaPressed === 'true'"
        )
        presses(ada, "reveal")
        ada.press("#confirm-yes")
        says(ada, "#reflection", "A question to keep")

        presses(ada, "end")
        ada.press("#confirm-yes")
        for one in (ada, ben):
            one.until("document.querySelector('#run')?.dataset.phase === 'closed'")
        for one in (ada, ben):
            says(one, "main", "A question to keep")
            says(one, "main", "Ada was here. Ben too.")


def goes_through(ada: OtherBrowser, ben: OtherBrowser) -> set[str]:
    """Press the main button until nothing but the end is left; the other follows each time."""
    titles = set()
    while not ada.run("!!document.querySelector('.acts button[value=end]')"):
        titles.add(ada.run(f"{NOW}.textContent"))
        number = ada.run("document.querySelector('#run').dataset.number")
        ada.press(".stage .acts .main")
        for one in (ada, ben):
            one.until(f"Number(document.querySelector('#run').dataset.number) > {number}")
    return titles
