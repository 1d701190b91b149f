"""My notes: what is listed for whom, the thread of one's own, and how much a page with much to show costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from random import Random
from typing import Any

import mammoth
import pytest
from flask import Flask
from sqlalchemy import event, select, update

from ementor import clock
from ementor.accounts.models import User
from ementor.database import db
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Readers
from ementor.meetings.models import Meeting
from ementor.mine import page
from ementor.mine.asked import Asked, asked
from ementor.notes.models import OwnNote
from ementor.series import promises
from ementor.series.domain.promises import Became
from ementor.series.models import PlannedMeeting, Promise
from tests.integration.test_weight import OTHER, assert_light, weigh
from tests.support.kept import hold
from tests.support.people import shown
from tests.support.series import client_of, come, plan

DAY = timedelta(days=1)


@dataclass
class Circle:
    """Ada and Ben, there from the start, Gus, who came between the two meetings, and Eve elsewhere."""

    app: Flask
    ada: User
    ben: User
    gus: User
    eve: User
    group: Group
    first: Meeting
    second: Meeting

    def page(self, person: User, **query: Any) -> str:
        return shown(client_of(self.app, person).get("/notes", query_string=query))

    def listed(self, person: User, **query: Any) -> set[int]:
        return {int(one) for one in re.findall(r'href="/m/(\d+)', self.page(person, **query))}


def member_since(person: User, group: Group, days: int) -> None:
    """Let somebody have joined so many days ago."""
    theirs = (Membership.user_id == person.id, Membership.group_id == group.id)
    db.session.execute(update(Membership).where(*theirs).values(joined_at=clock.now() - days * DAY))


@pytest.fixture
def circle(app: Flask) -> Circle:
    ada, group = plan(name="Ada")
    ben, gus = come(group, "Ben"), come(group, "Gus")
    eve, _ = plan(name="Eve", group_name="Elsewhere")
    for person, days in ((ada, 90), (ben, 90), (gus, 30)):
        member_since(person, group, days)
    now = clock.now()
    first = hold(
        group,
        now - 60 * DAY,
        ada,
        ben,
        title="The first time",
        insights=["Listening is help."],
        took={ada.id: "ADA-TOOK", ben.id: "BEN-TOOK"},
        private={ada.id: "ADA-SECRET", ben.id: "BEN-SECRET"},
        steps={ada.id: "ADA-STEP", ben.id: "BEN-STEP"},
    )
    second = hold(group, now - 5 * DAY, ada, gus, title="The second time", steps={ada.id: "ADA-NEXT"})
    db.session.add(OwnNote(meeting_id=first.id, owner_id=ben.id, html="<p>BEN <b>N</b>OTES</p><p>more</p>"))
    db.session.commit()
    return Circle(app, ada, ben, gus, eve, group, first, second)


# Who finds what


def test_a_member_finds_the_meetings_they_were_at_and_those_they_missed(circle: Circle):
    both = {circle.first.id, circle.second.id}
    assert circle.listed(circle.ada) == circle.listed(circle.ben) == both
    assert "You missed this meeting. You can still read it." in circle.page(circle.ben)
    assert "You missed this meeting" not in circle.page(circle.ada)
    assert "Listening is help." in circle.page(circle.ada)


def test_who_came_later_finds_what_was_before_them_only_where_the_group_lets_them(circle: Circle):
    assert circle.listed(circle.gus) == {circle.second.id}
    assert "The first time" not in circle.page(circle.gus)
    circle.group.newcomers_read = True
    db.session.commit()
    assert circle.listed(circle.gus) == {circle.first.id, circle.second.id}
    said = circle.page(circle.gus)
    assert "This meeting was before you joined. You can read it." in said
    assert "You missed" not in said
    assert "The first time" not in said.partition('class="thread"')[2]


def test_where_only_those_who_were_there_read_the_others_find_nothing(circle: Circle):
    circle.group.readers = Readers.PRESENT
    db.session.commit()
    assert circle.listed(circle.ben) == {circle.first.id}
    assert "The second time" not in circle.page(circle.ben)


def test_a_group_that_one_has_left_is_not_listed(circle: Circle):
    assert "BEN-SECRET" in circle.page(circle.ben)
    groups.remove(circle.group.id, circle.ben.id, actor=circle.ada)
    said = circle.page(circle.ben)
    for word in ("The first time", "Tuesday circle", "BEN-SECRET", "BEN-TOOK", "Listening is help."):
        assert word not in said
    assert "/me/data" in said  # where their own words are


def test_strangers_and_those_of_other_groups_find_nothing(circle: Circle):
    for client in (client_of(circle.app, circle.eve), circle.app.test_client()):
        for query in (
            {},
            {"group": circle.group.id},
            {"whose": "mine"},
            {"group": circle.group.id, "time": "year"},
        ):
            said = shown(client.get("/notes", query_string=query))
            assert "Nothing here yet" in said
            assert "The first time" not in said
            assert "Tuesday circle" not in said
            assert 'href="/device"' in said


# The thread of one's own


def test_the_thread_has_what_is_ones_own_and_never_anothers(circle: Circle):
    words = {
        circle.ada.id: ("ADA-TOOK", "ADA-SECRET", "ADA-STEP", "ADA-NEXT"),
        circle.ben.id: ("BEN-TOOK", "BEN-SECRET", "BEN-STEP", "BEN NOTES more"),
    }
    for person in (circle.ada, circle.ben, circle.gus):
        thread = circle.page(person, whose="mine")
        for owner, theirs in words.items():
            for word in theirs:
                assert (word in thread) is (owner == person.id), (person.name, word)
    assert "You missed this meeting." in circle.page(circle.ben, whose="mine")


def test_an_insight_is_taken_along_from_meetings_that_one_was_at(circle: Circle):
    assert "Listening is help." in circle.page(circle.ben, whose="mine")
    circle.group.newcomers_read = True
    db.session.commit()
    assert "Listening is help." not in circle.page(circle.gus, whose="mine")


def test_what_became_of_a_step_is_said_with_its_day(circle: Circle):
    assert "Still open" in circle.page(circle.ben, whose="mine")
    for became, said in (
        (Became.GOING_ON, "Still going, as you said on"),
        (Became.LET_GO, "Dropped, as you said on"),
        (Became.DONE, "Done, as you told the group on"),
    ):
        promises.mark(circle.group.id, circle.first.id, became, actor=circle.ben)
        assert said in circle.page(circle.ben, whose="mine")
    promises.keep_to_myself(circle.group.id, circle.first.id, True, actor=circle.ben)
    assert "Done, as you noted on" in circle.page(circle.ben, whose="mine")


def test_long_words_are_cut_and_the_whole_is_one_press_away(circle: Circle):
    long = "word " * 400 + "END"
    row = db.session.get_one(OwnNote, (circle.first.id, circle.ben.id))
    row.html = f"<p>{long}</p>"
    db.session.commit()
    said = circle.page(circle.ben, whose="mine")
    assert "word word" in said
    assert "END" not in said
    assert f'href="/m/{circle.first.id}#own"' in said


def test_it_is_never_kept_by_a_browser(circle: Circle):
    assert client_of(circle.app, circle.ben).get("/notes").headers["Cache-Control"] == "no-store"


# The self-assessment


def assessed(circle: Circle, person: User, days: int, answer: int) -> None:
    given = {str(number): answer for number in range(1, 9)}
    hold(circle.group, clock.now() - days * DAY, person, answers={person.id: given})
    db.session.commit()


def test_the_first_and_the_last_self_assessment_stand_side_by_side(circle: Circle):
    assert "Self-assessment" not in circle.page(circle.ben)
    assessed(circle, circle.ben, 50, 2)
    said = circle.page(circle.ben, whose="mine")
    assert said.count('class="first"') == 8
    assert 'class="last"' not in said
    assert "You answer these again in the last meeting." in said
    assessed(circle, circle.ben, 40, 1)
    assessed(circle, circle.ben, 3, 4)
    said = circle.page(circle.ben, whose="mine")
    assert said.count('class="first"') == said.count('class="last"') == 8
    assert "8 are higher, 0 the same and 0 lower" in said
    assert re.findall(r"<td>(\d)</td>\s*<td>(\d)</td>", said) == [("2", "4")] * 8
    for other in (circle.ada, circle.gus):  # whoever leads and whoever does not
        assert "Self-assessment" not in circle.page(other, whose="mine")


# What narrows the page


def test_the_list_is_narrowed_by_group_by_time_and_by_whose(circle: Circle):
    ben, (other, elsewhere) = circle.ben, plan(name="Fia", group_name="Mornings")
    groups.join(elsewhere.join_token, actor=ben, name="Ben")
    member_since(ben, elsewhere, 400)
    third = hold(elsewhere, clock.now() - 200 * DAY, other, ben, title="Long ago", took={ben.id: "BEN-OLD"})
    db.session.commit()
    first, second = circle.first.id, circle.second.id
    assert circle.listed(ben) == {first, second, third.id}
    assert circle.listed(ben, group=elsewhere.id) == {third.id}
    assert circle.listed(ben, time="month") == {second}
    assert circle.listed(ben, time="half") == {first, second}
    assert circle.listed(ben, time="half", group=elsewhere.id) == set()
    assert "No meetings match." in circle.page(ben, time="half", group=elsewhere.id)
    assert circle.listed(ben, group=10**8) == set()
    ours, mine = circle.page(ben, whose="ours"), circle.page(ben, whose="mine")
    assert "BEN-OLD" in mine
    assert 'class="circles"' not in mine
    assert 'class="thread"' not in ours
    assert "BEN-SECRET" not in ours


def test_all_notes_of_a_group_can_be_taken_along(circle: Circle):
    for address in (f"/notes?group={circle.group.id}", f"/g/{circle.group.id}"):
        said = shown(client_of(circle.app, circle.ben).get(address))
        found = re.findall(rf'href="(/g/{circle.group.id}/notes\.\w+)">(\w+)<', said)
        assert [label for _, label in found] == ["Markdown", "Word", "ZIP"]
        assert "The first time" in client_of(circle.app, circle.ben).get(found[0][0]).text


def test_groups_that_have_ended_stand_last(circle: Circle):
    ended = plan(name="Fia", group_name="Ended")[1]
    groups.join(ended.join_token, actor=circle.ben, name="Ben")
    member_since(circle.ben, ended, 90)
    ahead = (PlannedMeeting.group_id == ended.id, PlannedMeeting.meeting_id.is_(None))
    db.session.execute(update(PlannedMeeting).where(*ahead).values(kept="cancelled"))
    hold(ended, clock.now() - DAY, circle.ben, title="The newest of all")
    db.session.commit()
    said = circle.page(circle.ben)
    assert said.index("Tuesday circle</a>") < said.index("Ended</a>")
    assert "2 of 7 meetings held" in said
    assert " · ended" in said


@pytest.mark.parametrize(
    "query",
    [
        "group=0",
        "group=x",
        "group=" + "9" * 40,
        "time=never",
        "whose=hers",
        "page=0",
        "page=-1",
        "page=x",
        "part=999999999",
    ],
)
def test_what_an_address_says_wrongly_it_does_not_say(circle: Circle, query: str):
    name, _, value = query.partition("=")
    assert client_of(circle.app, circle.ben).get(f"/notes?{query}").status_code == 200
    if name in {"group", "time", "whose"}:
        assert asked({name: value}) == Asked()


# A tick


def test_a_tick_is_the_promise_of_the_groups_page(circle: Circle):
    client = client_of(circle.app, circle.ada)
    address = re.search(rf'id="tick-{circle.second.id}" formaction="([^"]+)"', circle.page(circle.ada))
    assert address
    to = address[1].replace("&amp;", "&")
    part = client.post(to, headers={"HX-Request": "true"}, data={"press": "promise"})
    assert part.status_code == 200
    assert 'id="mynotes"' in part.text
    assert "<html" not in part.text
    assert db.session.get_one(Promise, (circle.second.id, circle.ada.id)).became == "done"
    assert "<em>done</em>" in shown(client_of(circle.app, circle.ben).get(f"/g/{circle.group.id}"))
    pressed = rf'id="tick-{circle.second.id}" formaction="([^"]+)" aria-pressed="true"'
    again = re.search(pressed, part.text)
    assert again
    plain = client.post(again[1].replace("&amp;", "&") + "&whose=mine", data={"press": "promise"})
    assert (plain.status_code, plain.location) == (303, f"/notes?whose=mine#tick-{circle.second.id}")
    db.session.expire_all()
    assert db.session.get_one(Promise, (circle.second.id, circle.ada.id)).became == "open"


def test_nobody_ticks_off_what_is_not_theirs(circle: Circle):
    to = f"/notes?of={circle.group.id}&meeting={circle.first.id}&became=done"
    for person in (circle.eve, circle.gus):
        assert client_of(circle.app, person).post(to).status_code == 404
    assert circle.app.test_client().post(to).status_code == 404
    wrong = f"/notes?of={circle.group.id}&meeting={circle.first.id}&became=sold"
    assert client_of(circle.app, circle.ben).post(wrong).status_code == 422
    assert db.session.scalars(select(Promise)).all() == []


# The group's page


def test_the_groups_page_says_which_records_may_be_read(circle: Circle):
    def past(person: User) -> str:
        said = shown(client_of(circle.app, person).get(f"/g/{circle.group.id}"))
        return said[said.index('id="past"') :].partition("</section>")[0]

    assert "You missed this meeting. You can still read it." in past(circle.ben)
    assert "for those who were there" not in past(circle.ben)
    assert "Records from before you joined" in past(circle.gus)
    assert f'href="/m/{circle.first.id}"' not in past(circle.gus)
    circle.group.newcomers_read = True
    db.session.commit()
    assert "This meeting was before you joined. You can read it." in past(circle.gus)
    circle.group.readers = Readers.PRESENT
    db.session.commit()
    assert "The record of a meeting is for those who were there." in past(circle.ben)


# Much of it

MANY = 500
LETTERS = "abcdefghijklmnopqrstuvwxyzåäö"


def some_words(rng: Random, count: int) -> str:
    """Return words that hardly compress: the worst that people may write."""
    return " ".join("".join(rng.choices(LETTERS, k=rng.randint(3, 11))) for _ in range(count))


def a_long_time(count: int, each: int, *, me: User | None = None) -> User:
    """Let somebody have been in ``count`` meetings, ``each`` of one group."""
    rng = Random(count)
    for first in range(0, count, each):
        ada, group = plan(name="Ada", group_name=some_words(rng, 4)[:60])
        me = groups.join(group.join_token, actor=me, name="Ben").user
        member_since(me, group, 4000)
        for held in range(first, min(first + each, count)):
            hold(
                group,
                clock.now() - (held + 1) * 3 * DAY,
                ada,
                me,
                title=some_words(rng, 5),
                insights=[some_words(rng, 15) for _ in range(3)],
                took={me.id: some_words(rng, 200)},
                private={me.id: some_words(rng, 200)},
                steps={me.id: some_words(rng, 60)},
                answers={me.id: {str(one): rng.randint(1, 5) for one in range(1, 9)}}
                if held < first + 2
                else None,
            )
    db.session.commit()
    assert me is not None
    return me


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    statements: list[str] = []

    def note(*told: Any) -> None:
        statements.append(told[2])

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("each", [10, 250])
def test_five_hundred_records_weigh_no_more_and_ask_no_more_often(app: Flask, each: int):
    me = a_long_time(2, 1)
    db.session.refresh(me)
    with counted() as few:
        page.of(me, Asked())
    a_long_time(MANY - 2, each, me=me)
    db.session.refresh(me)
    with counted() as many:
        found = page.of(me, Asked())
    assert len(found.circles) == 2 + -(-(MANY - 2) // each)
    assert len(many) == len(few) <= 12, "\n".join(many)
    client = client_of(app, me)
    for locale in ("fi", "en"):
        client.post("/language", data={"locale": locale})
        for address in ("/notes", "/notes?whose=mine&part=2", "/notes?page=2", "/notes?time=year"):
            assert_light(weigh(client, address), OTHER)
    one = next(iter(found.circles))
    assert_light(weigh(client, f"/notes?group={one}&page=3"), OTHER)


# Taken along


def test_ones_own_words_are_taken_along_whole_and_nobody_elses(circle: Circle):
    long = "word " * 400 + "END"
    db.session.get_one(
        OwnNote, (circle.first.id, circle.ben.id)
    ).html = f"<p>BEN <strong>NOTES</strong> {long}</p>"
    db.session.commit()
    assessed(circle, circle.ben, 50, 2)
    ben = client_of(circle.app, circle.ben)
    sent = ben.get("/notes/mine.md")
    assert (sent.status_code, sent.mimetype) == (200, "text/markdown")
    assert sent.headers["Cache-Control"] == "no-store"
    assert re.search(r"filename=[0-9-]+-what-i-took-with-me\.md$", sent.headers["Content-Disposition"])
    document = ben.get("/notes/mine.docx")
    assert document.status_code == 200
    word = mammoth.extract_raw_text(BytesIO(document.data)).value
    for text in (sent.text, word):
        for one in (
            "BEN-TOOK",
            "BEN-SECRET",
            "BEN-STEP",
            "END",
            "Listening is help.",
            "I ask more than I advise.",
        ):
            assert one in text.replace("\\", ""), one
        assert "You missed this meeting." in text
        assert "ADA-" not in text
    assert "**NOTES**" in sent.text
    for other, mine in ((circle.ada, "ADA-SECRET"), (circle.gus, "The second time")):
        text = client_of(circle.app, other).get("/notes/mine.md").text
        assert mine in text
        assert "BEN" not in text
    assert circle.app.test_client().get("/notes/mine.md").status_code == 404
    assert ben.get("/notes/mine.pdf").status_code == 404
    groups.remove(circle.group.id, circle.ben.id, actor=circle.ada)
    assert "BEN-SECRET" not in ben.get("/notes/mine.md").text
