"""Wishes, the in-between task and who cannot come: whose they are, and who gets to see them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.errors import Conflict, Invalid, NotAllowed, NotFound
from ementor.groups import services as groups
from ementor.meetings import services as meetings
from ementor.meetings.domain import floor, lengths
from ementor.meetings.domain.run import EnterItem, Next, NextItem, RemoveItem, RestoreItem, Start
from ementor.meetings.models import Meeting
from ementor.meetings.services import presence
from ementor.series import away, opening, planning, services, tasks, wishes
from ementor.series.models import Away, TaskAnswer, Wish
from ementor.texts import version_of
from tests.support.people import shown
from tests.support.series import Wait, client_of, come, now, plan, until_open

HTMX = {"HX-Request": "true"}
MINIMAL = {"Prefer": "return=minimal", **HTMX}
TASK = "Notice one moment when you listened without advising."
ADAS = "What do I do when nobody answers my messages?"


@pytest.fixture
def circle(app: Flask) -> SimpleNamespace:
    """Ada facilitates, Ben is a member, Eve is an outsider with a group of her own."""
    ada, group = plan(name="Ada")
    ben, (eve, elsewhere) = come(group, "Ben"), plan(name="Eve", group_name="Elsewhere")
    assert elsewhere.id != group.id

    def page(person: User) -> str:
        return shown(client_of(app, person).get(f"/g/{group.id}"))

    def press(person: User, name: str, **fields: Any) -> Any:
        return client_of(app, person).post(f"/g/{group.id}?press={name}", data=fields, headers=HTMX)

    return SimpleNamespace(app=app, ada=ada, ben=ben, eve=eve, group=group, page=page, press=press)


def held(circle: SimpleNamespace, wait: Wait, number: int = 0) -> int:
    """Hold one of the meetings, with a task until the next one; answers which."""
    date = now(circle.group)[number]
    planning.change(circle.group.id, date.id, actor=circle.ada, wall=date.row.wall, task=TASK)
    until_open(circle.group, wait, number)
    meeting_id = opening.open_due(circle.group.id)
    assert meeting_id is not None
    meetings.act(meeting_id, Start(), actor=circle.ada)
    archive.close_and_keep(meeting_id, actor=circle.ada)
    return meeting_id


def at_once(app: Flask, *jobs: Callable[[], object]) -> None:
    def run(job: Callable[[], object]) -> None:
        with app.app_context():
            job()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()


# Wishes


def wish_of(circle: SimpleNamespace, person: User, text: str = ADAS, *, shown: bool = True) -> int:
    wishes.write(circle.group.id, text, actor=person)
    wish_id = db.session.scalars(select(Wish.id).order_by(Wish.id.desc())).first()
    assert wish_id is not None
    if shown:
        wishes.show(circle.group.id, wish_id, True, actor=person)
    return int(wish_id)


def test_a_wish_is_its_authors_until_it_is_shown(circle: SimpleNamespace):
    for _ in range(2):  # pressed twice, it is one
        assert circle.press(circle.ben, "wish", text=f"  {ADAS}\n").status_code == 200
    (wish,) = wishes.of_group(circle.group.id, circle.ben.id)
    assert "only you see this" in circle.page(circle.ben)
    assert ADAS not in circle.page(circle.ada)
    for _ in range(2):
        circle.press(circle.ben, "wish_show", wish=wish.id, shown="yes")
    assert ADAS in circle.page(circle.ada)
    circle.press(circle.ben, "wish_show", wish=wish.id, shown="no")
    assert ADAS not in circle.page(circle.ada)
    for _ in range(2):
        assert circle.press(circle.ben, "wish_delete", wish=wish.id).status_code == 200
    assert ADAS not in circle.page(circle.ben)
    assert not db.session.scalar(select(func.count()).select_from(Wish))


def test_too_long_empty_or_too_many_wishes_are_refused(circle: SimpleNamespace):
    for text in ("", " \u200b\n", "x" * 301):
        assert circle.press(circle.ben, "wish", text=text).status_code == 422
    for number in range(wishes.MAX_OPEN):
        wishes.write(circle.group.id, f"Wish {number}", actor=circle.ben)
    with pytest.raises(Conflict):
        wishes.write(circle.group.id, "One more", actor=circle.ben)
    wishes.write(circle.group.id, "Mine", actor=circle.ada)  # each has their own ten


def test_a_facilitator_puts_a_shown_wish_on_the_next_agenda_once(circle: SimpleNamespace):
    wish_id, date = wish_of(circle, circle.ben), now(circle.group)[0]
    assert date.row.meeting_id is None
    assert "Add to the agenda" not in circle.page(circle.ben)
    with pytest.raises(NotAllowed):
        wishes.bring(circle.group.id, wish_id, date.id, actor=circle.ben)
    assert "Add to the agenda" in circle.page(circle.ada)
    for _ in range(2):
        answer = circle.press(circle.ada, "wish_bring", wish=wish_id, planned=date.id)
        assert answer.status_code == 200
    assert "on the agenda of" in shown(answer)
    meeting_id = now(circle.group)[0].row.meeting_id
    run = meetings.run_of(meeting_id)
    added = [item for item in run.agenda if item.title == {"": ADAS}]
    assert len(added) == 1
    assert run.agenda[-1].mode == "reflection"
    assert run.agenda[-2] == added[0]
    assert (added[0].mode, added[0].minutes) == ("open", 10)
    assert added[0].prompt["en"] == "Ben would like to talk about this."
    assert added[0].prompt["fi"] == "Ben haluaisi puhua tästä."
    with pytest.raises(Conflict):
        wishes.show(circle.group.id, wish_id, False, actor=circle.ben)


def test_a_long_wish_is_whole_in_the_prompt(circle: SimpleNamespace):
    text = "word " * 59 + "end"
    wish_id = wish_of(circle, circle.ben, text)
    wishes.bring(circle.group.id, wish_id, now(circle.group)[0].id, actor=circle.ada)
    run = meetings.run_of(now(circle.group)[0].row.meeting_id)
    item = run.item_by_id(db.session.get_one(Wish, wish_id).item_id)
    assert item is not None
    assert item.title[""].endswith(" word…")
    assert text in item.prompt["sv"]


def test_two_facilitators_at_once_add_it_once(circle: SimpleNamespace):
    wish_id, date, group_id = wish_of(circle, circle.ben), now(circle.group)[0].id, circle.group.id
    meeting_id = opening.prepare(group_id, date, actor=circle.ada).id
    before, ada_id = len(meetings.run_of(meeting_id).agenda), circle.ada.id

    def add() -> None:
        wishes.bring(group_id, wish_id, date, actor=db.session.get_one(User, ada_id))

    at_once(circle.app, *[add] * 4)
    assert len(meetings.run_of(meeting_id).agenda) == before + 1


def test_an_item_taken_off_the_agenda_is_a_wish_again(circle: SimpleNamespace):
    wish_id, date = wish_of(circle, circle.ben), now(circle.group)[0].id
    wishes.bring(circle.group.id, wish_id, date, actor=circle.ada)
    meeting_id = now(circle.group)[0].row.meeting_id
    item_id = db.session.get_one(Wish, wish_id).item_id
    assert item_id is not None
    meetings.act(meeting_id, RemoveItem(item_id), actor=circle.ada)
    (wish,) = wishes.of_group(circle.group.id, None)
    assert wish.meeting_id is None
    meetings.act(meeting_id, RestoreItem(), actor=circle.ada)
    (wish,) = wishes.of_group(circle.group.id, None)
    assert wish.meeting_id == meeting_id


def test_in_the_room_it_is_dropped_where_one_likes_and_is_over_afterwards(
    circle: SimpleNamespace, wait: Wait
):
    wish_id, hidden = wish_of(circle, circle.ben), wish_of(circle, circle.ben, "Not yet.", shown=False)
    until_open(circle.group, wait)
    room = opening.open_due(circle.group.id)
    ada, ben = client_of(circle.app, circle.ada), client_of(circle.app, circle.ben)
    part = ada.get(f"/m/{room}/wishes", headers=HTMX)
    assert ADAS in shown(part)
    assert "Not yet." not in part.text
    assert ben.get(f"/m/{room}/wishes", headers=HTMX).status_code == 403
    data = {"press": "add_wish", "wish": wish_id, "place": 2}
    assert ben.post(f"/m/{room}/press", data=data, headers=HTMX).status_code == 403
    assert ada.post(f"/m/{room}/press", data=data | {"wish": hidden}, headers=HTMX).status_code == 404
    for _ in range(2):
        assert ada.post(f"/m/{room}/press", data=data, headers=HTMX).status_code == 200
    run = meetings.run_of(room or 0)
    assert run.agenda[2].title == {"": ADAS}
    assert [item.title for item in run.agenda].count({"": ADAS}) == 1
    assert ADAS not in ada.get(f"/m/{room}/wishes", headers=HTMX).text
    meetings.act(room or 0, Start(), actor=circle.ada)
    archive.close_and_keep(room or 0, actor=circle.ada)
    assert ADAS not in circle.page(circle.ben)
    assert "Not yet." in circle.page(circle.ben)


@pytest.mark.parametrize("came_to_it", [True, False])
def test_what_a_meeting_never_came_to_is_a_wish_again(circle: SimpleNamespace, wait: Wait, came_to_it: bool):
    wish_id = wish_of(circle, circle.ben)
    wishes.bring(circle.group.id, wish_id, now(circle.group)[0].id, actor=circle.ada)
    until_open(circle.group, wait)
    room = opening.open_due(circle.group.id) or 0
    meetings.act(room, Start(), actor=circle.ada)
    if came_to_it:
        item_id = db.session.get_one(Wish, wish_id).item_id or 0
        meetings.act(room, EnterItem(item_id), actor=circle.ada)
    archive.close_and_keep(room, actor=circle.ada)
    wait(70)
    assert archive.seal_due() == [room]
    assert [one.text for one in wishes.of_group(circle.group.id, None)] == ([] if came_to_it else [ADAS])


def test_wishes_are_nobody_elses_to_touch(circle: SimpleNamespace):
    wish_id, date = wish_of(circle, circle.ben), now(circle.group)[0].id
    for fields in ({"wish": wish_id, "shown": "no"}, {"wish": wish_id, "shown": "yes"}):
        assert circle.press(circle.ada, "wish_show", **fields).status_code == 404
    assert circle.press(circle.ada, "wish_delete", wish=wish_id).status_code == 200  # as if it were gone
    assert db.session.get(Wish, wish_id) is not None
    for name in ("wish", "wish_show", "wish_delete", "wish_bring"):
        fields = {"wish": wish_id, "planned": date, "shown": "no", "text": "x"}
        assert circle.press(circle.eve, name, **fields).status_code == 404
    for bad in ("", "x", "0", "-1", "9" * 12):
        assert circle.press(circle.ben, "wish_show", wish=bad, shown="yes").status_code in {404, 422}
    groups.remove(circle.group.id, circle.ben.id, actor=circle.ada)
    assert ADAS not in circle.page(circle.ada)
    with pytest.raises(NotFound):
        wishes.bring(circle.group.id, wish_id, date, actor=circle.ada)


# The in-between task


def save(circle: SimpleNamespace, person: User, meeting_id: int, **fields: Any) -> Any:
    path = f"/g/{circle.group.id}?press=task&meeting={meeting_id}"
    return client_of(circle.app, person).post(path, data=fields, headers=MINIMAL)


def test_the_task_is_answered_alone_until_it_is_shared(circle: SimpleNamespace, wait: Wait):
    assert "In-between task" not in circle.page(circle.ben)
    meeting_id = held(circle, wait)
    assert TASK in circle.page(circle.ben)
    mine = "I listened to my sister."
    number = services.series_of(circle.group.id).number
    for _ in range(2):
        answer = save(circle, circle.ben, meeting_id, text=mine, **{"seen-text": version_of("")})
        assert answer.json == {"text": mine}
    assert services.series_of(circle.group.id).number == number  # nobody hears of it
    assert mine in circle.page(circle.ben)
    assert mine not in circle.page(circle.ada)
    assert "Ben has shared" not in circle.page(circle.ada)
    for _ in range(2):
        assert save(circle, circle.ben, meeting_id, share="yes").status_code == 200
    assert mine in circle.page(circle.ada)
    assert services.series_of(circle.group.id).number > number
    save(circle, circle.ben, meeting_id, share="no")
    assert mine not in circle.page(circle.ada)
    assert mine in circle.page(circle.ben)


def test_what_two_pages_wrote_is_kept_from_both(circle: SimpleNamespace, wait: Wait):
    meeting_id = held(circle, wait)
    start = {"seen-text": version_of("")}
    save(circle, circle.ben, meeting_id, text="From the phone.", **start)
    answer = save(circle, circle.ben, meeting_id, text="From the laptop.", **start)
    assert answer.json == {"text": "From the phone.\n\nFrom the laptop."}
    assert save(circle, circle.ben, meeting_id, text="x" * 4001, **start).status_code == 422


def test_two_first_texts_at_once_are_one_row(circle: SimpleNamespace, wait: Wait):
    meeting_id, group_id, ben_id = held(circle, wait), circle.group.id, circle.ben.id

    def write(text: str) -> None:
        ben = db.session.get_one(User, ben_id)
        tasks.write(group_id, meeting_id, actor=ben, text=text, seen=(version_of(""),))

    at_once(circle.app, *[lambda text=text: write(text) for text in ("One.", "Two.", "Three.")])
    text = db.session.get_one(TaskAnswer, (meeting_id, ben_id)).text
    assert sorted(text.split("\n\n")) == ["One.", "Three.", "Two."]


def test_the_task_of_another_group_is_out_of_reach(circle: SimpleNamespace, wait: Wait):
    meeting_id = held(circle, wait)
    assert save(circle, circle.eve, meeting_id, text="Eve").status_code == 404
    for wrong in (0, 999_999, 10**15):
        with pytest.raises(NotFound):
            tasks.write(circle.group.id, wrong, actor=circle.ben, text="x")
    assert save(circle, circle.ben, meeting_id, share="perhaps").status_code == 422


def test_who_has_left_takes_their_answer_along(circle: SimpleNamespace, wait: Wait):
    meeting_id = held(circle, wait)
    tasks.write(circle.group.id, meeting_id, actor=circle.ben, text="Shared words.", shared=True)
    assert "Shared words." in circle.page(circle.ada)
    groups.remove(circle.group.id, circle.ben.id, actor=circle.ada)
    assert "Shared words." not in circle.page(circle.ada)


# I can't come


def test_one_press_says_it_and_one_takes_it_back(circle: SimpleNamespace):
    date = now(circle.group)[0].id
    assert "I can't come" in circle.page(circle.ben)
    for _ in range(2):
        assert circle.press(circle.ben, "cannot_come", planned=date).status_code == 200
    assert "You are away on" in circle.page(circle.ben)
    path = f"/g/{circle.group.id}?press=away&planned={date}"
    answer = client_of(circle.app, circle.ben).post(path, data={"word": "A course."}, headers=MINIMAL)
    assert answer.json == {"word": "A course."}
    for _ in range(2):
        circle.press(circle.ben, "can_come", planned=date)
    assert "I can't come" in circle.page(circle.ben)
    assert not db.session.scalar(select(func.count()).select_from(Away))


def test_facilitators_see_who_and_why_the_others_only_what_is_told(circle: SimpleNamespace):
    cem, date = come(circle.group, "Cem"), now(circle.group)[0].id
    away.cannot_come(circle.group.id, date, actor=circle.ben)
    away.tell(circle.group.id, date, actor=circle.ben, word="A course in Oulu.")
    ada, others = circle.page(circle.ada), circle.page(cem)
    assert "<bdi>Ben</bdi> can't come." in ada
    assert "A course in Oulu." in ada
    assert "can't come." not in others
    assert "A course in Oulu." not in others
    away.tell(circle.group.id, date, actor=circle.ben, told=True)
    assert "<bdi>Ben</bdi> can't come." in circle.page(cem)
    assert "A course in Oulu." not in circle.page(cem)


def test_a_date_that_is_moved_asks_anew(circle: SimpleNamespace):
    date = now(circle.group)[0]
    away.cannot_come(circle.group.id, date.id, actor=circle.ben)
    away.tell(circle.group.id, date.id, actor=circle.ben, word="Only that day.")
    wall = date.row.wall + timedelta(days=1)
    planning.change(circle.group.id, date.id, actor=circle.ada, wall=wall)
    assert "I can't come" in circle.page(circle.ben)
    assert "<bdi>Ben</bdi> can't come." not in circle.page(circle.ada)
    away.cannot_come(circle.group.id, date.id, actor=circle.ben)
    assert "Only that day." not in circle.page(circle.ada)


def test_it_is_said_of_dates_ahead_and_by_members(circle: SimpleNamespace, wait: Wait):
    date, late = now(circle.group)[0].id, now(circle.group)[1].id
    with pytest.raises(Conflict):
        away.tell(circle.group.id, date, actor=circle.ben, word="I have not said it.")
    away.cannot_come(circle.group.id, date, actor=circle.ben)
    with pytest.raises(Invalid):
        away.tell(circle.group.id, date, actor=circle.ben, word="x" * 301)
    for name in ("cannot_come", "can_come", "away"):
        assert circle.press(circle.eve, name, planned=date, word="Eve").status_code == 404
        assert circle.press(circle.ben, name, planned=999_999).status_code == 404
    planning.cancel(circle.group.id, late, actor=circle.ada)
    with pytest.raises(Conflict):
        away.cannot_come(circle.group.id, late, actor=circle.ben)
    held(circle, wait)
    with pytest.raises(Conflict):
        away.can_come(circle.group.id, date, actor=circle.ben)


def test_the_room_waits_for_nobody_who_is_away(circle: SimpleNamespace, wait: Wait):
    cem = come(circle.group, "Cem")
    away.cannot_come(circle.group.id, now(circle.group)[0].id, actor=circle.ben)
    until_open(circle.group, wait)
    room = opening.open_due(circle.group.id) or 0
    assert away.people_away(now(circle.group)[0]) == {circle.ben.id}
    for person in (circle.ada, cem):
        presence.come(room, f"sid-{person.id}", actor=person)
    meetings.act(room, Start(), actor=circle.ada)
    run = meetings.act(room, NextItem(), actor=circle.ada)
    assert set(run.order) == {circle.ada.id, cem.id}
    minutes_s = lengths.turn_s(run)
    for _ in range(3):
        run = meetings.act(room, Next(), actor=circle.ada)
    assert floor.round_is_over(run)  # each who was there had a turn, and nobody was waited for
    assert minutes_s * 2 <= run.item.minutes * 60 <= minutes_s * 3  # type: ignore[union-attr]
    assert "1 of 2" not in client_of(circle.app, circle.ada).get(f"/m/{room}").text
    assert (
        "of 3 are done"
        not in client_of(circle.app, circle.ada).get(f"/m/{room}/reflection", headers=HTMX).text
    )
    assert db.session.get_one(Meeting, room).ended_at is None


def test_one_can_still_say_so_once_the_room_is_open_but_not_once_it_runs(
    circle: SimpleNamespace, wait: Wait
) -> None:
    date = until_open(circle.group, wait)
    assert "I can't come" in circle.page(circle.ben)
    assert circle.press(circle.ben, "cannot_come", planned=date.id).status_code == 200
    assert "I can come after all" in circle.page(circle.ben)
    assert "Ben" in circle.page(circle.ada).split('id="next"')[1].split("</section>")[0]
    meeting_id = opening.open_due(circle.group.id)
    assert meeting_id is not None
    meetings.act(meeting_id, Start(), actor=circle.ada)
    assert "I can come after all" not in circle.page(circle.ben)
