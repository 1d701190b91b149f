"""The room's part as it is sent: what a page has already is not sent again, nor what it does not show."""

from __future__ import annotations

import re

from tests.support.people import Person

HTMX = {"HX-Request": "true", "Accept-Language": "en"}


def part(who: Person, **asked: str) -> str:
    answer = who.client.get(f"/m/{who.meeting_id}/run", headers=HTMX, query_string=asked)
    assert answer.status_code == 200
    return str(answer.text)


def beside(html: str) -> str:
    found = re.search(r'id="side" data-has="(\w+)"', html)
    assert found is not None
    return found[1]


def test_what_stands_beside_the_turn_is_sent_only_when_it_differs(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "start"}, headers=HTMX)
    whole = part(ben)
    assert "Group settings" not in whole
    again = part(ben, side=beside(whole))
    assert f'id="side" data-same="{beside(whole)}"' in again
    assert 'id="agenda"' not in again
    assert 'id="ring"' in again
    assert 'id="agenda"' in part(ada, side=beside(whole))  # she may do more, so hers is another
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "skip_item", "item": 3}, headers=HTMX)
    assert 'id="agenda"' in part(ben, side=beside(whole))


def test_the_tools_of_the_items_come_to_who_edits_the_agenda_and_may(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    assert "remove_item" not in part(ada)
    assert "remove_item" in part(ada, edit="1")
    assert "remove_item" not in part(ben, edit="1")
    pressed = {"press": "skip_item", "item": "3", "edit": "1"}
    assert "unskip_item" in ada.client.post(f"/m/{ada.meeting_id}/press", data=pressed, headers=HTMX).text


def test_the_code_of_the_link_is_shown_to_members_only(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    shown = re.search(r'src="(/m/\d+/code\.svg\?[^"]+)"', part(ada))
    assert shown is not None
    answer = ada.client.get(shown[1])
    assert answer.mimetype == "image/svg+xml"
    assert b'xmlns="http://www.w3.org/2000/svg"' in answer.data
    assert people["Eve"].client.get(shown[1]).status_code == 404
