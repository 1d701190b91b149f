"""The example group: a whole series, and a link that works for whoever opens it."""

from __future__ import annotations

from flask import Flask

from ementor.archive import services as archive
from ementor.groups import policy
from ementor.meetings.sections import AGENDA
from ementor.series import demo, rota, services
from ementor.series.domain.dates import State
from tests.support.people import followed, shown
from tests.support.series import client_of


def test_it_shows_a_series_from_its_first_meeting_to_its_last(app: Flask) -> None:
    example = demo.make()
    planned = services.planned_of(example.group)
    assert [one.state for one in planned] == [State.ENDED] * 2 + [State.RUNNING] + [State.PLANNED] * 3
    names = {person.id: name for name, person in example.people.items()}
    found = rota.rota_of(example.group.id)
    leaders = [names[found.at(one.id) or 0] for one in planned]
    assert leaders == ["Noor", "Ingrid", "Aino", "Mikael", "Noor", "Ingrid"]
    assert [one.user.name for one in policy.members(example.group.id) if one.facilitator] == ["Aino"]
    for one in planned[:2]:
        assert one.row.meeting_id is not None
        kept = archive.kept(one.row.meeting_id, actor=example.people["Noor"])
        assert kept.sealed
        assert kept.record.of(AGENDA)


def test_its_link_works_for_whoever_opens_it(app: Flask) -> None:
    link = f"/j/{demo.make().group.join_token}"
    for name in ("Olga", "Pia"):
        client = app.test_client()
        assert shown(client.get(link))
        assert 'id="run"' in shown(client.get(followed(client.post(link, data={"name": name}))))


def test_one_of_its_people_has_past_notes_and_whoever_comes_may_read_them(app: Flask) -> None:
    example = demo.make()
    noor = shown(client_of(app, example.people["Noor"]).get("/notes"))
    for words in ("Tuesday circle", "Mentors in spring", "A new group needs questions", "Self-assessment"):
        assert words in noor
    thread = shown(client_of(app, example.people["Noor"]).get("/notes?whose=mine"))
    assert "Ask Ingrid how she begins" in thread
    assert thread.count("Done, as you told the group") == 2
    newcomer = app.test_client()
    followed(newcomer.post(f"/j/{example.group.join_token}", data={"name": "Olga"}))
    notes = shown(newcomer.get("/notes"))
    assert "Getting to know each other" in notes
    assert "Mentors in spring" not in notes
    assert example.address == demo.ADDRESS
    assert demo.make().address is None
