"""Search in the records one may read: what is found, for whom, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import search, services
from ementor.archive.models import RecordRow, SearchWords
from ementor.archive.search import index, places
from ementor.archive.search.services import MEETINGS_ON_A_PAGE, SPOTS, Found
from ementor.archive.search.services import search as look
from ementor.database import db, transactional
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Readers
from ementor.meetings.models import Meeting
from ementor.notes.models import OwnNote
from ementor.reflections.models import NextStep
from ementor.series import promises
from ementor.writings.models import Writing
from tests.support import inflections, kept
from tests.support.inside import FreshClient
from tests.support.people import House, Person, shown
from tests.support.series import client_of, come, plan

Wait = Callable[[float], None]


@pytest.fixture
def circle(app: Flask) -> tuple[User, User, Group]:
    """Aino's group, to which Ben came, forty days ago."""
    aino, group = plan(locale="fi")
    ben = come(group, "Ben")
    ago = clock.now() - timedelta(days=40)
    for one in db.session.scalars(select(Membership)):
        one.joined_at = ago
    db.session.commit()
    return aino, ben, group


def days_ago(days: int) -> Any:
    return clock.now() - timedelta(days=days)


def hold(group: Group, *there: User, days: int = 7, **what: Any) -> int:
    meeting = kept.hold(group, days_ago(days), *there, **what)
    db.session.commit()
    return meeting.id


def make_all() -> None:
    """Do what the background job does, until nothing is due."""
    while index.due():
        for meeting_id in index.due():
            assert index.make(meeting_id)


def words(found: Found) -> list[str]:
    """Return the words that are marked."""
    return [
        piece.text
        for hit in found.hits
        for pieces in (hit.title, *(spot.pieces for spot in hit.spots))
        for piece in pieces
        if piece.found
    ]


def meetings(found: Found) -> list[int]:
    assert found.meetings == len(found.hits)
    return [hit.meeting_id for hit in found.hits]


def rows(meeting_id: int) -> set[int | None]:
    query = select(SearchWords.owner_id).where(SearchWords.meeting_id == meeting_id)
    return set(db.session.scalars(query))


def test_a_word_is_found_in_its_forms_with_what_is_around_it(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    notes = "<p>Eli vertaismentoroinnissa kysyjä ei tiedä paremmin.</p><ul><li><p>Toinen asia</p></li></ul>"
    old = hold(group, aino, days=14, title="Mitä verkkomentorointi on")
    new = hold(group, aino, ben, notes=notes, title="Kuunteleminen")
    hold(group, aino, title="Muuta")
    make_all()
    found = look(ben, "mentorointi")
    assert meetings(found) == [new, old]
    assert words(found) == ["vertaismentoroinnissa", "verkkomentorointi"]
    spot = found.hits[0].spots[0]
    assert (spot.place.anchor, spot.place.where) == ("note-1", "Shared notes, Talk")
    assert (
        "".join(piece.text for piece in spot.pieces) == "Eli vertaismentoroinnissa kysyjä ei tiedä paremmin."
    )
    assert found.count == 2


def test_the_lists_give_the_same_hits_in_a_database(circle: tuple[User, User, Group]) -> None:
    """On SQLite and on PostgreSQL, as the rule alone does."""
    aino, _, group = circle
    lists = {"fi": inflections.FINNISH, "compounds": inflections.COMPOUNDS, "sv": inflections.SWEDISH}
    lists["not"] = inflections.NOT_FINNISH
    at = {pair: hold(group, aino, notes=f"<p>{pair[1]}</p>") for pairs in lists.values() for pair in pairs}
    make_all()
    hits = {
        name: sum(at[pair] in set(db.session.scalars(_matching(aino, pair[0]))) for pair in pairs)
        for name, pairs in lists.items()
    }
    assert hits == {"fi": 39, "compounds": 10, "sv": 20, "not": 2}


def _matching(actor: User, word: str) -> Any:
    from ementor.archive.search.services import Asked, _matching, _terms

    return _matching(actor, _terms(word), Asked(word))


def test_all_words_have_to_be_in_the_same_record(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    both = hold(group, aino, ben, notes="<p>kissa</p>", private={aino.id: "ja koira"})
    hold(group, aino, ben, notes="<p>kissa</p>")
    hold(group, aino, ben, notes="<p>koira</p>")
    make_all()
    assert meetings(look(aino, "kissan koirat")) == [both]
    assert words(look(aino, "kissan koirat")) == ["kissa", "koira"]
    assert meetings(look(ben, "kissan koirat")) == []


def test_where_one_place_has_all_words_it_alone_is_shown(circle: tuple[User, User, Group]) -> None:
    aino, _, group = circle
    hold(group, aino, notes="<p>kissa</p><p>kissa ja koira</p><p>koira</p>")
    make_all()
    assert words(look(aino, "kissa koira")) == ["kissa", "koira"]


def test_mine_are_my_own_words_and_ours_what_all_share(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    hold(group, aino, ben, took={aino.id: "hiljaisuus minusta", ben.id: "hiljaisuus hänestä"})
    hold(group, aino, ben, private={aino.id: "oma hiljaisuus"}, steps={ben.id: "hiljaisuutta lisää"})
    make_all()

    def said(**what: Any) -> list[str]:
        hits = look(aino, "hiljaisuus", **what).hits
        return ["".join(piece.text for piece in spot.pieces) for hit in hits for spot in hit.spots]

    assert sorted(said()) == sorted(
        ["hiljaisuus minusta", "hiljaisuus hänestä", "oma hiljaisuus", "hiljaisuutta lisää"]
    )
    assert sorted(said(whose="mine")) == ["hiljaisuus minusta", "oma hiljaisuus"]
    assert sorted(said(whose="ours")) == ["hiljaisuus hänestä", "hiljaisuus minusta", "hiljaisuutta lisää"]


def test_a_group_and_a_time_narrow_it(circle: tuple[User, User, Group]) -> None:
    aino, _, group = circle
    _, other = plan(name="Cai", group_name="Other")
    groups.join(other.join_token, actor=aino, name="Aino")
    db.session.execute(update(Membership).values(joined_at=days_ago(90)))
    db.session.commit()
    here, old = hold(group, aino), hold(group, aino, days=30)
    there = hold(other, aino)
    make_all()
    assert set(meetings(look(aino, "written"))) == {here, old, there}
    assert set(meetings(look(aino, "written", group_id=group.id))) == {here, old}
    assert set(meetings(look(aino, "written", since=days_ago(8)))) == {here, there}


# Whose eyes it is for


def test_every_kind_of_private_words_is_found_by_their_author_only(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    private = hold(group, aino, ben, private={aino.id: "MARKERANSWER"})
    db.session.add(OwnNote(meeting_id=private, owner_id=aino.id, html="<p>MARKERNOTE</p>"))
    db.session.add(Writing(meeting_id=private, user_id=aino.id, item_id=1, text="MARKERWRITING"))
    db.session.add(NextStep(meeting_id=private, user_id=aino.id, text="MARKERSTEP", mine_only=True))
    db.session.commit()
    make_all()
    for marker in ("MARKERANSWER", "MARKERNOTE", "MARKERWRITING", "MARKERSTEP"):
        found = look(aino, marker)
        assert meetings(found) == [private], marker
        (spot,) = found.hits[0].spots
        assert spot.place.private
        assert spot.place.where.startswith("Only for you, ")
        assert spot.place.anchor.startswith("own-")
        assert list(db.session.scalars(_matching(aino, marker))) == [private]
        assert list(db.session.scalars(_matching(ben, marker))) == [], "not even counted"
        for whose in ("", "mine", "ours"):
            assert look(ben, marker, whose=whose) == Found(), marker
        assert look(aino, marker, whose="ours") == Found()


def test_what_one_may_not_read_is_neither_found_nor_counted(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    eve, _ = plan(name="Eve", group_name="Eve's own")
    for_all = hold(group, aino)
    for_present = hold(group, aino)
    db.session.get_one(RecordRow, for_present).readers = Readers.PRESENT
    db.session.commit()
    late = come(group, "Late")
    make_all()
    assert set(meetings(look(aino, "written"))) == {for_all, for_present}
    assert meetings(look(ben, "written")) == [for_all]
    assert look(eve, "written") == Found()
    assert look(late, "written") == Found()
    group.newcomers_read = True
    db.session.commit()
    assert meetings(look(late, "written")) == [for_all]
    groups.remove(group.id, ben.id, actor=aino)
    assert look(ben, "written") == Found()


def test_a_stranger_and_an_outsider_see_no_hit(people: dict[str, Person], app: Flask) -> None:
    ada, eve = people["Ada"], people["Eve"]
    group = db.session.get_one(Meeting, ada.meeting_id).group
    hold(group, db.session.get_one(User, ada.id), days=-1, notes="<p>MARKER</p>")
    make_all()
    assert "<mark>MARKER</mark>" in shown(ada.client.get("/notes?q=marker"))
    for client in (eve.client, app.test_client()):
        assert "<mark>" not in client.get("/notes?q=marker").text


# When it is made


def end(house: House, wait: Wait, *, seal: bool = False) -> int:
    ada = house.person("Ada")
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "start"})
    wait(660)
    answer = ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "end"})
    assert answer.status_code == 303
    if seal:
        wait(70)
        services.seal_due()
    return ada.meeting_id


def test_a_meeting_is_found_in_the_round_after_its_end(people: Any, house: House, wait: Wait) -> None:
    ada = db.session.get_one(User, people["Ada"].id)
    job = index.Index()
    job()
    meeting_id = end(house, wait)
    title = db.session.get_one(Meeting, meeting_id).title["en"]
    assert look(ada, title) == Found()
    job()
    assert meetings(look(ada, title)) == [meeting_id]


def test_what_is_revealed_by_the_seal_is_found_after_it(people: Any, house: House, wait: Wait) -> None:
    ben, gus = people["Ben"], people["Gus"]
    fields = {"text-1": "paljastus", "sharing-1": "named", "step": "salaisuus", "step-mine": "yes"}
    assert people["Ada"].client.post(f"/m/{ben.meeting_id}/press", data={"press": "start"}).status_code == 303
    assert ben.client.post(f"/m/{ben.meeting_id}/reflection", data=fields).status_code == 303
    assert gus.client.post(f"/m/{ben.meeting_id}/reflection", data={"text-1": "oma"}).status_code == 303
    meeting_id = end(house, wait)
    make_all()
    actor = db.session.get_one(User, gus.id)
    assert look(actor, "paljastus") == Found()
    wait(70)
    services.seal_due()
    assert rows(meeting_id) == set()
    make_all()
    (hit,) = look(actor, "paljastus").hits
    assert [spot.place.where for spot in hit.spots] == ["Closing reflection, Ben"]


def test_an_end_that_is_undone_takes_its_words_along(people: Any, house: House, wait: Wait) -> None:
    meeting_id = end(house, wait)
    make_all()
    assert None in rows(meeting_id)
    people["Ada"].client.post(f"/m/{meeting_id}/press", data={"press": "reopen"})
    assert rows(meeting_id) == set()
    assert index.due() == []


def test_a_step_that_is_kept_to_oneself_is_no_longer_among_the_words(
    circle: tuple[User, User, Group],
) -> None:
    aino, ben, group = circle
    meeting_id = hold(group, aino, ben)
    db.session.add(NextStep(meeting_id=meeting_id, user_id=ben.id, text="MARKERSTEP", mine_only=True))
    db.session.commit()
    make_all()
    assert meetings(look(ben, "markerstep")) == [meeting_id]
    promises.keep_to_myself(group.id, meeting_id, False, actor=ben)
    assert rows(meeting_id) == set()
    make_all()
    assert look(ben, "markerstep") == Found()


def test_the_words_of_another_recipe_are_made_anew(circle: tuple[User, User, Group]) -> None:
    aino, _, group = circle
    meeting_id = hold(group, aino)
    make_all()
    assert index.due() == []
    for row in db.session.scalars(select(SearchWords)):
        row.recipe, row.words = 0, "old"
    db.session.commit()
    assert index.due() == [meeting_id]
    make_all()
    assert meetings(look(aino, "written")) == [meeting_id]
    assert db.session.scalar(select(func.count()).where(SearchWords.words == "old")) == 0


def test_words_that_are_made_while_the_record_changes_are_not_kept(
    circle: tuple[User, User, Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    aino, _, group = circle
    meeting_id = hold(group, aino)

    def change_meanwhile(function: Callable[..., Any], *arguments: Any) -> Any:
        made = function(*arguments)
        db.session.add(OwnNote(meeting_id=meeting_id, owner_id=aino.id, html="<p>MARKER</p>"))
        db.session.commit()
        return made

    with monkeypatch.context() as patch:
        patch.setattr(index.lemmas, "aside", change_meanwhile)
        assert not index.make(meeting_id)
    assert rows(meeting_id) == set()
    assert index.make(meeting_id)
    assert meetings(look(aino, "marker")) == [meeting_id]


def test_one_record_that_cannot_be_read_does_not_keep_the_others_from_being_found(
    circle: tuple[User, User, Group], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    aino, _, group = circle
    bad, good = hold(group, aino, days=1), hold(group, aino, days=2)
    real = services.record_of

    def record_of(meeting_id: int) -> Any:
        if meeting_id == bad:
            raise RuntimeError("broken")
        return real(meeting_id)

    monkeypatch.setattr(services, "record_of", record_of)
    job = index.Index()
    job()
    assert rows(good) == {None}
    assert rows(bad) == set()
    assert caplog.text.count("cannot be made") == 1
    job.next_look = 0
    job()
    assert caplog.text.count("cannot be made") == 1


def test_words_go_with_their_meeting_and_their_owner(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    meeting_id = hold(group, aino, ben, private={aino.id: "oma", ben.id: "oma"})
    make_all()
    assert rows(meeting_id) == {None, aino.id, ben.id}
    db.session.execute(delete(User).where(User.id == ben.id))
    assert rows(meeting_id) == {None, aino.id}
    db.session.execute(delete(Meeting).where(Meeting.id == meeting_id))
    assert rows(meeting_id) == set()
    db.session.rollback()


def test_the_words_of_all_records_of_two_people_are_made_anew(circle: tuple[User, User, Group]) -> None:
    aino, ben, group = circle
    both, bens, others = hold(group, aino, ben), hold(group, ben), hold(group, aino)
    make_all()
    transactional(search.forget_of)(ben.id)
    assert set(index.due()) == {both, bens}
    assert rows(others) == {None}


def test_who_forgets_in_a_step_that_fails_has_forgotten_nothing(circle: tuple[User, User, Group]) -> None:
    aino, _, group = circle
    meeting_id = hold(group, aino)
    make_all()

    @transactional
    def fail() -> None:
        search.forget(meeting_id)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert rows(meeting_id) == {None}


# The page


@pytest.fixture
def page_of(app: Flask, circle: tuple[User, User, Group]) -> Callable[[str], str]:
    client: FreshClient = client_of(app, circle[0])
    client.post("/language", data={"locale": "en", "next": "/"})
    return lambda query: shown(client.get(f"/notes?{query}"))


def test_a_hit_leads_to_its_place_in_the_record(
    circle: tuple[User, User, Group], page_of: Callable[[str], str], app: Flask
) -> None:
    aino, _, group = circle
    meeting_id = hold(
        group, aino, notes="<p>Hän jaksaa <b>odottaa</b> &lt;pidempään&gt;</p>", insights=["Odota"]
    )
    make_all()
    page = page_of("q=odottaa")
    assert re.findall(rf'href="(/m/{meeting_id}#[\w-]+)"', page) == [
        f"/m/{meeting_id}#insights",
        f"/m/{meeting_id}#note-1",
    ]
    assert "Hän jaksaa <mark>odottaa</mark> &lt;pidempään&gt;" in page
    assert "<b>2 results</b> in one meeting" in page
    assert 'aria-label="Results"' in page


def test_many_meetings_come_in_pages(circle: tuple[User, User, Group], page_of: Callable[[str], str]) -> None:
    aino, _, group = circle
    for _ in range(MEETINGS_ON_A_PAGE + 1):
        hold(group, aino)
    make_all()
    first, second, beyond = page_of("q=written"), page_of("q=written&page=2"), page_of("q=written&page=99")
    assert first.count("<article") == MEETINGS_ON_A_PAGE
    assert second.count("<article") == 1
    assert "21 meetings</b> newest first, page 1 of 2" in first
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert "There are no more results" in beyond


@pytest.mark.parametrize(
    "q",
    ["%", "_", "\\", '"', "'", "''--", "18:30", "%00", "%F0%9F%92%9A", "…?!", "a" * 10_000, "sana " * 2_000,
     "%D9%85%D8%B1%D8%AD%D8%A8%D8%A7", "=cmd()", "<script>", "%ED%A0%80", "/", "%25a%25", "x/_z"],
)  # fmt: skip
def test_whatever_is_asked_for_gets_a_clear_answer(
    circle: tuple[User, User, Group], page_of: Callable[[str], str], q: str
) -> None:
    aino, _, group = circle
    hold(group, aino, notes="<p>Something else, at 18:35, 100 % of x/y</p>")
    make_all()
    page = page_of(f"q={q}")
    assert "<mark>" not in page
    assert ("No results: " in page) != ("Enter a word to search for" in page)
    assert ("Only the beginning" in page) == (len(q) > 1_000)


def test_a_sign_of_likeness_is_a_letter_like_any_other(circle: tuple[User, User, Group]) -> None:
    aino, _, group = circle
    hold(group, aino, notes="<p>18:30 hundra</p>")
    make_all()
    assert words(look(aino, "18:30")) == ["18:30"]
    for nothing in ("18_35", "1%0", "h%a", "h_ndra", "hundr/a"):
        assert look(aino, nothing) == Found(), nothing


def test_when_nothing_is_found_there_is_something_to_do(
    circle: tuple[User, User, Group], page_of: Callable[[str], str]
) -> None:
    aino, _, group = circle
    hold(group, aino, notes="<p>Etätyössä on hyvä työpiste.</p>")
    make_all()
    narrow = page_of("q=etatyopiste&whose=mine")
    assert "No results: etatyopiste" in narrow
    mine = page_of("q=etätyössä&whose=mine&group=&time=year")
    assert "No results in your own texts" in mine
    assert "Searching all your notes gives results from one meeting." in mine
    assert re.search(r'href="/notes\?q=et%C3%A4ty%C3%B6ss%C3%A4">\s*Search all notes', mine)
    compound = page_of("q=etätyöpisteet")
    assert re.findall(r"<bdi>(\w+)</bdi></a>", compound) == ["työpiste", "etätyö"]
    several = page_of("q=etätyö+lounas")
    assert re.findall(r"<bdi>(\w+)</bdi></a>", several) == ["etätyö"]


def test_titles_are_found_in_the_languages_that_they_have(
    circle: tuple[User, User, Group], page_of: Callable[[str], str]
) -> None:
    aino, _, group = circle
    meeting_id = hold(group, aino)
    row = db.session.get_one(RecordRow, meeting_id)
    row.data = row.data | {"title": {"fi": "Kuunteleminen", "sv": "Att lyssna", "en": "Listening"}}
    db.session.commit()
    make_all()
    assert "<mark>Listening</mark>" in page_of("q=listen")
    assert "Att <mark>lyssna</mark>" in page_of("q=lyssnar")


def test_a_record_that_is_not_looked_through_yet_is_told_of(
    circle: tuple[User, User, Group], page_of: Callable[[str], str]
) -> None:
    ada, ben, group = circle
    told = "A meeting that has just ended is not in the search yet."
    meeting_id = hold(group, ada, ben)
    assert told in page_of("q=rowing")
    make_all()
    assert told not in page_of("q=rowing")
    search.forget(meeting_id)  # as when it is corrected
    db.session.commit()
    assert told in page_of("q=rowing")


def test_a_record_that_is_full_of_a_word_fills_no_page(circle: tuple[User, User, Group]) -> None:
    aino, _, group = circle
    long = "<p>mentor</p>" * places.MOST_PARAGRAPHS
    meeting_id = hold(group, aino, notes=f"{long}<p>zeppelin</p>", title="Mentor")
    make_all()
    (hit,) = look(aino, "mentor").hits
    assert (hit.meeting_id, hit.in_title, len(hit.spots)) == (meeting_id, True, SPOTS)
    assert not look(aino, "zeppelin").hits
    two = hold(group, aino, notes="<p>mentor</p>" * 100 + "<p>mentor zeppelin</p>")
    make_all()
    assert [(hit.meeting_id, hit.count) for hit in look(aino, "mentor zeppelin").hits] == [(two, 1)]
