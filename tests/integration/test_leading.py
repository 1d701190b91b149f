"""Who leads, on the group's page: swaps asked and answered, what to prepare, and how duties are shared."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from markupsafe import Markup

from ementor.accounts.models import User
from ementor.database import db
from ementor.errors import Conflict
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.series import away, leading, opening, page, rota, wishes
from ementor.series.models import Duty
from tests.support.people import shown
from tests.support.series import Wait, client_of, come, now, plan, until_open


def three() -> tuple[User, User, User, Group]:
    """Aino leads always; Ben and Cilla belong to the group."""
    aino, group = plan()
    return aino, come(group, "Ben"), come(group, "Cilla"), group


def seen(group: Group, person: User) -> leading.Leading:
    return page.of(group.id, actor=person).rota


def plain(words: str | None) -> str:
    """Return words without the marks of names in them."""
    return Markup(words or "").striptags()


def text(app: Flask, group: Group, person: User, path: str = "") -> str:
    """Return what a person reads on the group's page, without its markup."""
    page = shown(client_of(app, person).get(f"/g/{group.id}{path}"))
    page = re.sub(r"<(script|svg)\b.*?</\1>|</?bdi>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def press(app: Flask, group: Group, actor: User, path: str = "", /, **fields: object) -> int:
    return client_of(app, actor).post(f"/g/{group.id}{path}", data=fields).status_code


def test_each_reads_who_leads_and_helps(app: Flask) -> None:
    aino, ben, _, group = three()
    first, second = now(group)[0].id, now(group)[1].id
    rota.give(group.id, second, Duty.LEAD, ben.id, actor=aino)
    rota.give(group.id, first, Duty.NOTES, ben.id, actor=ben)
    said = [plain(seen(group, person).words(first)) for person in (aino, ben)]
    assert said == ["You lead", "Aino leads"]
    for person, words in (
        (aino, ("You lead", "Ben leads", "Ben keeps the notes", "Swap who leads")),
        (ben, ("Aino leads", "You lead", "You keep the notes", "Offer to lead")),
    ):
        read = text(app, group, person)
        assert all(each in read for each in words), read
    assert "Offer to lead" not in text(app, group, aino)
    assert "Swap who leads" not in text(app, group, ben)


def test_a_question_is_read_by_the_two_and_by_nobody_else(app: Flask) -> None:
    aino, ben, cilla, group = three()
    first = now(group)[0]
    assert press(app, group, aino, press="swap", planned=first.id, person=ben.id) == 303
    (mine,), (asked,) = seen(group, aino).questions, seen(group, ben).questions
    assert plain(mine.words).startswith("You have asked Ben to lead on ")
    assert plain(asked.words).startswith("Aino asks you to lead on ")
    assert asked.in_return is None  # Ben leads at no other date
    assert not seen(group, cilla).questions
    assert "Withdraw" in text(app, group, aino)
    assert "Accept" in text(app, group, ben)
    assert "asks you" not in text(app, group, cilla)
    assert press(app, group, ben, press="accept_swap", swap=asked.id) == 303
    assert seen(group, ben).words(first.id) == "You lead"
    assert not seen(group, aino).questions


def test_whoever_would_like_to_lead_asks_who_does(app: Flask) -> None:
    aino, ben, _, group = three()
    first, second = now(group)[0].id, now(group)[1].id
    rota.give(group.id, second, Duty.LEAD, ben.id, actor=aino)
    assert press(app, group, ben, press="swap", planned=first, person=aino.id) == 303
    (mine,), (offered,) = seen(group, ben).questions, seen(group, aino).questions
    assert plain(mine.words).startswith("You have offered to lead in the place of Aino")
    assert plain(offered.words).startswith("Ben would like to lead in your place")
    assert offered.in_return is not None
    assert offered.in_return.id == second
    assert "You swap dates" in text(app, group, aino)
    rota.answer(group.id, offered.id, actor=aino, accept=True)
    assert [plain(seen(group, aino).words(each)) for each in (first, second)] == ["Ben leads", "You lead"]


def test_a_question_about_what_is_anothers_meanwhile_is_shown_no_longer(app: Flask) -> None:
    aino, ben, cilla, group = three()
    first = now(group)[0].id
    rota.ask(group.id, first, Duty.LEAD, ben.id, actor=aino)
    (swap,) = rota.rota_of(group.id).asked
    rota.give(group.id, first, Duty.LEAD, cilla.id, actor=aino)
    assert not seen(group, ben).questions
    assert not seen(group, aino).questions
    with pytest.raises(Conflict, match="Somebody else"):
        rota.answer(group.id, swap.id, actor=ben, accept=True)


def test_two_pages_that_accept_at_once_accept_once(app: Flask) -> None:
    aino, ben, _, group = three()
    first = now(group)[0].id
    rota.ask(group.id, first, Duty.LEAD, ben.id, actor=aino)
    (swap,) = rota.rota_of(group.id).asked
    clients, answers = [client_of(app, ben), client_of(app, ben)], []
    both = threading.Barrier(2)

    def accept(client: object) -> None:
        both.wait()
        answers.append(
            client.post(f"/g/{group.id}", data={"press": "accept_swap", "swap": swap.id}).status_code
        )  # type: ignore[attr-defined]

    threads = [threading.Thread(target=accept, args=(client,)) for client in clients]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [303, 409]
    db.session.expire_all()
    assert seen(group, ben).words(first) == "You lead"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"press": "swap"}, 422),
        ({"press": "swap", "planned": "1", "person": "x"}, 422),
        ({"press": "swap", "planned": "1", "person": "999"}, 404),
        ({"press": "swap", "planned": "999", "person": "2"}, 404),
        ({"press": "swap", "planned": "1", "person": "2", "duty": "boss"}, 422),
        ({"press": "swap", "planned": "2" * 30, "person": "2"}, 422),
        ({"press": "accept_swap", "swap": "77"}, 409),
        ({"press": "decline_swap", "swap": "-1"}, 409),
        ({"press": "decline_swap", "swap": "1.0"}, 422),
        ({"press": "give_duty", "planned": "1", "person": "٣"}, 422),
        ({"press": "prepare", "planned": ""}, 422),
        ({"press": "prepare", "planned": "999"}, 404),
    ],
)
def test_bad_presses_say_what_is_wrong_and_do_nothing(
    app: Flask, fields: dict[str, str], status: int
) -> None:
    aino, _, _, group = three()
    before = rota.rota_of(group.id)
    assert press(app, group, aino, **fields) == status
    assert rota.rota_of(group.id) == before


def test_who_leads_next_has_three_things_to_prepare(app: Flask) -> None:
    aino, ben, cilla, group = three()
    first = now(group)[0]
    wishes.write(group.id, "How do I begin?", actor=cilla)
    (wish,) = wishes.of_group(group.id, cilla.id)
    rota.give(group.id, first.id, Duty.LEAD, ben.id, actor=aino)
    assert seen(group, aino).prepare is seen(group, cilla).prepare is None
    todo = seen(group, ben).prepare
    assert todo is not None
    assert (todo.is_prepared, todo.wish, todo.wish_is_done) == (False, None, True)
    assert (todo.minutes, todo.items) == (first.row.minutes, len(first_template(group)))
    assert [one.name for one in todo.helpers] == ["Aino", "Cilla"]
    assert "How do I begin?" not in text(app, group, ben)
    wishes.show(group.id, wish.id, shown=True, actor=cilla)
    assert "How do I begin?" in text(app, group, ben)

    answer = client_of(app, ben).post(f"/g/{group.id}", data={"press": "prepare", "planned": first.id})
    meeting_id = now(group)[0].row.meeting_id
    assert answer.location == f"/m/{meeting_id}"
    todo = seen(group, ben).prepare
    assert todo is not None
    assert todo.is_prepared
    assert not todo.wish_is_done
    assert press(app, group, cilla, press="wish_bring", wish=wish.id, planned=first.id) == 403
    assert press(app, group, ben, press="wish_bring", wish=wish.id, planned=first.id) == 303
    todo = seen(group, ben).prepare
    assert todo is not None
    assert todo.has_taken_up
    assert todo.wish_is_done


def first_template(group: Group) -> list[object]:
    from ementor.programmes import library

    return list(library.templates()[now(group)[0].row.template_key or ""].items)


def test_who_leads_asks_for_a_note_keeper(app: Flask) -> None:
    aino, ben, cilla, group = three()
    first = now(group)[0].id
    rota.be_willing(group.id, Duty.NOTES, actor=cilla, willing=True)
    assert "Ask Cilla" in text(app, group, aino)
    assert "Cilla is willing." in text(app, group, aino)
    keeper = {"planned": first, "duty": "note_keeper"}
    assert press(app, group, ben, press="swap", person=cilla.id, **keeper) == 409  # who does not lead
    assert press(app, group, aino, press="swap", person=cilla.id, **keeper) == 303
    assert "Cilla has been asked." in text(app, group, aino)
    (asked,) = seen(group, cilla).questions
    assert plain(asked.words).startswith("Aino asks you to keep the notes on ")
    assert press(app, group, cilla, press="accept_swap", swap=asked.id) == 303
    assert "Cilla keeps the notes" in text(app, group, aino)
    assert "Ask Cilla" not in text(app, group, aino)


def test_who_cannot_come_is_not_proposed(app: Flask) -> None:
    aino, _, cilla, group = three()
    first = now(group)[0].id
    rota.be_willing(group.id, Duty.NOTES, actor=cilla, willing=True)
    away.cannot_come(group.id, first, actor=cilla)
    todo = seen(group, aino).prepare
    assert todo is not None
    assert [one.name for one in todo.helpers] == ["Ben"]


def test_once_the_room_is_open_nothing_is_left_to_prepare(app: Flask, wait: Wait) -> None:
    aino, _, _, group = three()
    until_open(group, wait)
    opening.open_due(group.id)
    assert seen(group, aino).prepare is None
    assert seen(group, aino).words(now(group)[0].id) == "You lead"


def test_each_says_what_they_can_do_and_facilitators_choose_how(app: Flask) -> None:
    aino, ben, cilla, group = three()

    def line(duty: Duty = Duty.LEAD) -> list[str]:
        (one,) = [
            each
            for each in leading.shared_of(group.id, aino.id, seen(group, aino).people)
            if each.duty is duty
        ]
        return [person.name for person in one.line]

    assert "Always Aino." in text(app, group, ben, "/duties")
    for _twice in range(2):
        for person in (cilla, ben):
            assert (
                press(app, group, person, "/duties", press="willing", duty="facilitator", willing="yes")
                == 303
            )
    assert line() == ["Cilla", "Ben"]
    page = client_of(app, ben).get(f"/g/{group.id}/duties").text
    assert re.search(r'id="willing-facilitator" aria-pressed="true"', page)
    assert re.search(r'id="willing-note_keeper" aria-pressed="false"', page)
    assert 'name="who"' not in page
    assert 'name="who"' in client_of(app, aino).get(f"/g/{group.id}/duties").text
    for _twice in range(2):
        assert press(app, group, aino, "/duties", press="duty_rule", duty="facilitator", who="turns") == 303
    assert line() == ["Cilla", "Ben", "Aino"]
    assert press(app, group, aino, "/duties", press="duty_rule", duty="note_keeper", who=str(ben.id)) == 303
    assert "Always Ben." in text(app, group, cilla, "/duties")
    assert press(app, group, aino, "/duties", press="duty_rule", duty="note_keeper", who="") == 303
    assert "Always Ben." not in text(app, group, cilla, "/duties")
    assert press(app, group, cilla, "/duties", press="willing", duty="facilitator", willing="no") == 303
    assert line() == ["Ben", "Aino"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"press": "duty_rule", "who": "turns"}, 403),
        ({"press": "duty_rule", "who": ""}, 403),
        ({"press": "willing", "duty": "boss"}, 422),
        ({"press": "accept_swap"}, 400),
        ({}, 400),
    ],
)
def test_what_a_member_may_not_choose(app: Flask, fields: dict[str, str], status: int) -> None:
    _, ben, _, group = three()
    before = rota.rota_of(group.id)
    assert press(app, group, ben, "/duties", **fields) == status
    assert rota.rota_of(group.id) == before


@pytest.mark.parametrize("who", ["x", "999", "-1"])
def test_a_duty_is_not_given_to_somebody_who_is_not_here(app: Flask, who: str) -> None:
    aino, _, _, group = three()
    assert press(app, group, aino, "/duties", press="duty_rule", who=who) in {404, 422}


def test_strangers_learn_nothing_of_who_leads(app: Flask) -> None:
    _, _, _, group = three()
    eve, _ = plan(name="Eve", group_name="Elsewhere")
    for client in (client_of(app, eve), app.test_client()):
        assert client.get(f"/g/{group.id}/duties").status_code == 404
        assert client.post(f"/g/{group.id}/duties", data={"press": "willing"}).status_code == 404


def test_who_has_left_is_asked_and_named_no_more(app: Flask) -> None:
    aino, ben, _, group = three()
    first = now(group)[0].id
    rota.give(group.id, first, Duty.LEAD, ben.id, actor=aino)
    rota.ask(group.id, first, Duty.LEAD, aino.id, actor=ben)
    groups.remove(group.id, ben.id, actor=aino)
    assert not seen(group, aino).questions
    assert "Ben" not in text(app, group, aino)
    assert seen(group, aino).words(first) == "You lead"
