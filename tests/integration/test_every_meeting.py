"""All ready meetings of all programmes: each opens, runs to its last item and closes; its minutes add up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from ementor import clock
from ementor.archive import services as archive
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import NextItem, PersonCame, Reveal, Start
from ementor.meetings.sections import AGENDA
from ementor.programmes import library
from ementor.series import opening, services
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import State
from tests.support.series import ZONE, come, now, plan


def test_there_are_ten_programmes_with_51_meetings() -> None:
    of_the_data = [meeting for programme in library.read()["programmes"] for meeting in programme["meetings"]]
    assert len(library.programmes()) == 10
    assert len(of_the_data) == 51


@pytest.mark.parametrize("programme", [one.id for one in library.programmes()])
def test_a_whole_series_is_held(app: Flask, wait: Callable[[float], None], programme: str) -> None:
    templates = next(one.templates for one in library.programmes() if one.id == programme)
    plans = [template.key for template in templates] if programme == library.SINGLE else [programme]
    for number, wanted in enumerate(plans):
        person, group = plan(wanted, name=f"Aino {number}", weeks=None)
        ben = come(group, "Ben")
        for planned in now(group):
            template = library.templates()[planned.row.template_key or ""]
            assert sum(item.minutes for item in template.items) == template.minutes
            wait((rules.opens_at(planned.date, ZONE) - clock.now()).total_seconds() + 1)
            member = services.for_member(group.id, ben)[1]
            meeting_id = opening.way_of(member).meeting_id
            assert meeting_id is not None
            for each in (person, ben):
                meetings.record(meeting_id, PersonCame(each.id), actor_id=each.id)
            run = meetings.act(meeting_id, Start(), actor=person)
            assert [item.minutes for item in run.agenda] == [item.minutes for item in template.items]
            for _ in run.agenda[1:]:
                run = meetings.act(meeting_id, NextItem(), actor=person)
            assert run.item == run.agenda[-1]
            meetings.act(meeting_id, Reveal(), actor=person)
            archive.close_and_keep(meeting_id, actor=person)
            wait(70)
            assert archive.seal_due() == [meeting_id]
            held = archive.kept(meeting_id, actor=ben).record.of(AGENDA)
            assert [item.minutes for item in held] == [item.minutes for item in template.items]
        assert {one.state for one in now(group)} == {State.ENDED}
        assert opening.way_of(services.for_member(group.id, ben)[1]) == opening.Way(group.id)
