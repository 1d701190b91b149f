"""What two write into one field, at once, twice, late, after the end, and from outside."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from ementor import clock
from ementor.database import db
from ementor.groups import services as groups
from ementor.meetings import merging, services
from ementor.meetings.domain.agenda import TICKS, ItemSettings, Mode
from ementor.meetings.domain.run import ChangeItem, NameOwners, Next, NextItem, NextStep, PersonCame, Start
from ementor.meetings.models import Meeting
from ementor.meetings.services.starting import case_steps
from ementor.reflections.models import MAX_TEXT
from ementor.texts import version_of
from tests.support.people import Person

HTMX = {"HX-Request": "true"}
SAVES_ITSELF = {**HTMX, "Prefer": "return=minimal"}
EMPTY = version_of("")


def at_once(*calls: Any) -> list[Any]:
    """Make the calls in threads that begin together; answers what each returned."""
    db.session.rollback()
    together, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def go(number: int) -> None:
        together.wait(20)
        answers[number] = calls[number]()

    threads = [threading.Thread(target=go, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


# A case's words.


@pytest.fixture
def case(people: dict[str, Person]) -> dict[str, Person]:
    """Ben's case is on the table in the first item; Eve is an outsider."""
    meeting_id = people["Ada"].meeting_id
    for command in (
        *(PersonCame(people[name].id) for name in ("Ada", "Ben", "Gus")),
        ChangeItem(1, mode=Mode.CASE, how=ItemSettings(steps=case_steps(20))),
        Start(),
        NameOwners((people["Ben"].id,)),
        Next(),
    ):
        services.record(meeting_id, command, actor_id=None)
    assert people["Eve"].client.get(f"/m/{meeting_id}").status_code == 404
    return people


def keep(case: dict[str, Person], who: str, text: str, *seen: str) -> Any:
    path = f"/m/{case['Ada'].meeting_id}/case/1/{case['Ben'].id}/question"
    data = {"text": text} | ({"seen-text": ",".join(seen)} if seen else {})
    return case[who].client.post(path, data=data, headers=SAVES_ITSELF)


def kept(case: dict[str, Person]) -> str:
    return services.run_of(case["Ada"].meeting_id).kept_words(1, case["Ben"].id, "question")


def number(case: dict[str, Person]) -> int:
    return services.run_of(case["Ada"].meeting_id).number


def test_f11_two_who_write_in_a_case_at_once_are_both_kept_and_a_retry_changes_nothing(
    case: dict[str, Person],
) -> None:
    before = number(case)
    answers = at_once(lambda: keep(case, "Ada", "Ada's", EMPTY), lambda: keep(case, "Ben", "Ben's", EMPTY))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(kept(case).split("\n\n")) == ["Ada's", "Ben's"]
    assert kept(case) in [answer.json["text"] for answer in answers]  # the later one hears of both
    assert number(case) == before + 2
    again = keep(case, "Ben", "Ben's", EMPTY, version_of("Ben's"))
    assert again.json == {"text": kept(case)}
    assert again.headers["X-Number"] == str(before + 2)
    keep(case, "Ben", "Ben's own", EMPTY, version_of("Ben's"))  # his first answer was lost
    assert sorted(kept(case).split("\n\n")) == ["Ada's", "Ben's own"]
    assert keep(case, "Ben", "Ben's alone", version_of(kept(case))).json == {"text": "Ben's alone"}


def test_who_does_not_say_what_they_had_seen_replaces_nothing(case: dict[str, Person]) -> None:
    keep(case, "Ada", "Ada's")
    assert keep(case, "Ben", "Ben's").json == {"text": "Ada's\n\nBen's"}


def test_words_of_a_case_arrive_late_but_not_after_the_end_and_never_from_outside(
    case: dict[str, Person],
) -> None:
    assert keep(case, "Eve", "Eve's", EMPTY).status_code == 404
    assert keep(case, "Gus", "Gus's", EMPTY).status_code == 403
    services.record(case["Ada"].meeting_id, NextItem(), actor_id=None)
    assert keep(case, "Ben", "Late", EMPTY).json == {"text": "Late"}
    case["Ada"].client.post(f"/m/{case['Ada'].meeting_id}/press", data={"press": "end"})
    late = keep(case, "Ben", "Later", version_of("Late"))
    assert (late.status_code, "The meeting has ended" in late.text) == (409, True)
    assert kept(case) == "Late"


@pytest.mark.parametrize("seen", ["", "x", "5", "5-XYZ", "1-00000000," * 2001, "9999999999-00000000"])
def test_versions_that_are_none_are_refused(case: dict[str, Person], seen: str) -> None:
    assert keep(case, "Ben", "Ben's", seen or ",").status_code == 422
    assert kept(case) == ""


def test_without_a_script_the_form_says_what_it_had_seen(case: dict[str, Person]) -> None:
    services.record(case["Ada"].meeting_id, NextStep(), actor_id=None)
    path = f"/m/{case['Ada'].meeting_id}/case/1/{case['Ben'].id}/question"
    keep(case, "Ben", "Mine", EMPTY)
    case["Ada"].client.post(path, data={"text": "Hers", "seen-text": EMPTY})
    page = case["Ada"].client.get(f"/m/{case['Ada'].meeting_id}").text
    assert "Mine\n\nHers</textarea>" in page
    assert f'name="seen-text" value="{version_of(kept(case))}"' in page


# The closing reflection, on two devices of one person.


def reflect(person: Person, **fields: str) -> Any:
    data = {name.replace("_", "-"): value for name, value in fields.items()}
    return person.client.post(f"/m/{person.meeting_id}/reflection", data=data, headers=SAVES_ITSELF)


def test_two_devices_of_one_person_keep_both_answers_and_both_next_steps(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    assert reflect(ben, text_1="Laptop", seen_text_1=EMPTY).json == {"text-1": "Laptop"}
    assert reflect(ben, step="Ask", seen_step=EMPTY).json == {"step": "Ask"}
    both = reflect(ben, text_1="Phone", seen_text_1=EMPTY, step="Tell", seen_step=EMPTY).json
    assert both == {"text-1": "Laptop\n\nPhone", "step": "Ask\n\nTell"}
    assert reflect(ben, text_1="Phone", seen_text_1=EMPTY).json == {"text-1": "Laptop\n\nPhone"}
    assert reflect(ben, text_1="", seen_text_1=version_of(both["text-1"])).json == {"text-1": ""}
    assert reflect(ben, number="4").status_code == 204
    page = ben.client.get(f"/m/{ben.meeting_id}/reflection", headers=HTMX).text
    assert f'name="seen-step" value="{version_of(both["step"])}"' in page
    assert reflect(people["Eve"], text_1="Eve's", seen_text_1=EMPTY).status_code in {200, 204}  # in her own
    assert people["Eve"].meeting_id != ben.meeting_id


def test_two_answers_of_the_greatest_length_at_once_are_both_kept(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    texts = [letter * MAX_TEXT for letter in "ab"]
    answers = at_once(*(lambda text=text: reflect(ben, text_1=text, seen_text_1=EMPTY) for text in texts))
    assert [answer.status_code for answer in answers] == [200, 200]
    page = ben.client.get(f"/m/{ben.meeting_id}/reflection", headers=HTMX).text
    assert all(text in page for text in texts)
    assert reflect(ben, text_2="c" * (MAX_TEXT + 1), seen_text_2=EMPTY).status_code == 422


# The group's settings.

NAMES = ("name", "entry", "greeting", "everybody_runs")


def settings_of(person: Person) -> dict[str, str]:
    """Return what the form of the settings would send, untouched."""
    group = services.newest_meeting(groups_id(person)).group
    now = groups.settings_of(group)
    return {**now, **{f"seen-{name}": now[name] for name in NAMES}}


def groups_id(person: Person) -> int:
    return db.session.get_one(Meeting, person.meeting_id, populate_existing=True).group_id


def save(person: Person, form: dict[str, str], **changes: str) -> Any:
    data = {**form, **changes}
    return person.client.post(f"/m/{person.meeting_id}/group", data=data, headers=HTMX)


def test_of_the_settings_only_what_somebody_changed_is_applied(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    form, before = settings_of(ada), number(people)
    assert save(ada, form).status_code == 200
    assert number(people) == before  # an unchanged form tells nobody anything
    assert save(ada, form, greeting="Welcome\r\nall").status_code == 200
    assert save(ada, form, name="Friends").status_code == 200  # from a form that was opened before
    now = settings_of(ada)
    assert (now["name"], now["greeting"], now["entry"]) == ("Friends", "Welcome\nall", form["entry"])
    assert save(ada, now, **{"seen-greeting": "Welcome\r\nall"}).status_code == 200


def test_settings_that_two_changed_otherwise_come_back_with_both(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    form = settings_of(ada)
    save(ada, form, name="Friends", greeting="Hello", entry="ask")
    answer = save(ada, form, name="<b>Mates</b>", entry="open", everybody_runs="yes")
    assert answer.status_code == 409
    text = answer.text
    assert 'value="&lt;b&gt;Mates&lt;/b&gt;"' in text
    assert 'id="group-name-wrong"><b>Saved by somebody else:</b> <span dir="auto">Friends</span>' in text
    assert "Always with a facilitator's permission</span></p>" in text
    assert ">Hello</textarea>" in text  # which she had not touched
    assert 'name="seen-name" value="Friends"' in text
    now = settings_of(ada)
    assert (now["name"], now["everybody_runs"]) == ("Friends", "")
    again = save(ada, now, name="Mates", entry="open", everybody_runs="yes")
    assert again.status_code == 200
    assert settings_of(ada)["name"] == "Mates"
    page = ada.client.post(f"/m/{ada.meeting_id}/group", data={**form, "name": "Without a script"})
    assert (page.status_code, "<html" in page.text, "Mates" in page.text) == (409, True, True)
    assert "Without a script" in page.text


def test_two_who_save_the_settings_at_once_lose_nothing(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    path = f"/m/{ada.meeting_id}/press"
    assert ada.client.post(path, data={"press": "make_facilitator", "person": ben.id}).status_code == 303
    form = settings_of(ada)
    both = at_once(lambda: save(ada, form, name="Ada's own"), lambda: save(ben, form, name="Ben's own"))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    late = next(answer.text for answer in both if answer.status_code == 409)
    assert all(f"{name}&#39;s own" in late for name in ("Ada", "Ben"))
    assert save(people["Gus"], form, name="x").status_code == 403
    assert people["Eve"].client.post(f"/m/{ada.meeting_id}/group", data=form).status_code == 404


# Forms of the agenda.


def item_form(person: Person, item: int | None = 1) -> dict[str, str]:
    """Return what an item's form sends when it is left alone."""
    run = services.run_of(person.meeting_id)
    values = merging.item_values(run.item_by_id(item), "en")
    about = {"press": "change_item", "item": str(item)} if item else {"press": "add_item", "item": ""}
    sent = {name: text for name, text in values.items() if text or name not in TICKS}
    return {**sent, **about, "how": "1", "since": str(run.number)}


def send(person: Person, form: dict[str, str], **changes: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={**form, **changes}, headers=HTMX)


def item(person: Person, item_id: int = 1) -> Any:
    return services.run_of(person.meeting_id).item_by_id(item_id)


def test_of_an_item_only_what_somebody_changed_is_applied(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    form, before = item_form(ada), number(people)
    assert send(ada, form).status_code == 200
    assert number(people) == before
    assert send(ada, form, title="Hello", minutes="7").status_code == 200
    steps = {"step-0-title": "Tell", "step-0-time": "2", "step-0-who": "speaker", "mode": "round"}
    assert send(ada, form, prompt="Line\r\nby line", **steps).status_code == 200  # opened before
    now = item(ada)
    assert (now.title, now.prompt, now.minutes) == ({"": "Hello"}, {"": "Line\nby line"}, 7)
    assert [step.title for step in now.how.steps] == [{"": "Tell"}]
    assert send(ada, form, title="Hello").status_code == 200  # sent twice: is so already
    assert item(ada) == now


def test_an_item_that_two_changed_otherwise_comes_back_with_both(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    form = item_form(ada)
    steps = {"step-0-title": "Ask", "step-0-time": "1:30", "step-0-who": "each"}
    send(ada, form, title="Theirs", mode="round", minutes="8", auto="on", **steps)
    kept = item(ada)
    mine = {
        "title": "<i>Mine</i>",
        "mode": "pairs",
        "step-0-title": "Tell",
        "step-0-time": "2",
        "step-0-who": "speaker",
    }
    answer = send(ada, form, **mine)
    assert answer.status_code == 409
    assert item(ada) == kept
    text = answer.text
    assert 'value="&lt;i&gt;Mine&lt;/i&gt;"' in text
    assert 'id="item-title-theirs"><b>Saved by somebody else:</b> <span dir="auto">Theirs</span>' in text
    assert '<span dir="auto">Round</span>' in text
    assert '<span dir="auto">1:30 Ask (the others, one by one)</span>' in text
    assert 'value="8"' in text  # which she had not touched
    again = {**item_form(ada), **mine}
    assert send(ada, again).status_code == 200
    assert (item(ada).title, item(ada).mode, item(ada).minutes) == ({"": "<i>Mine</i>"}, Mode.PAIRS, 8)
    page = ada.client.post(f"/m/{ada.meeting_id}/press", data={**form, "title": "Without a script"})
    assert (page.status_code, "<html" in page.text, 'id="item-form"' in page.text) == (409, True, True)
    assert "Without a script" in page.text
    bad = {**item_form(ada), "title": "Kept", "minutes": "none"}
    wrong = ada.client.post(f"/m/{ada.meeting_id}/press", data=bad)
    assert (wrong.status_code, 'value="Kept"' in wrong.text, 'role="alert"' in wrong.text) == (
        422,
        True,
        True,
    )


def test_a_change_of_an_item_that_has_gone_is_not_lost(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    form = item_form(ada)
    send(ada, {"press": "remove_item", "item": "1"})
    answer = send(ada, form, prompt="Long thoughts")
    assert answer.status_code == 409
    assert "Somebody has deleted this item from the agenda in the meantime." in answer.text
    assert "Long thoughts</textarea>" in answer.text
    assert "press?press=add_item" in answer.text
    assert send(ada, form, prompt="Long thoughts", press="add_item").status_code == 200
    assert services.run_of(ada.meeting_id).agenda[-2].prompt == {"": "Long thoughts"}


def test_a_new_item_sent_twice_is_added_once(people: dict[str, Person]) -> None:
    ada = people["Ada"]
    form = {**item_form(ada, None), "title": "News"}
    before = len(services.run_of(ada.meeting_id).agenda)
    assert [send(ada, form).status_code for _ in range(2)] == [200, 200]
    assert [answer.status_code for answer in at_once(*[lambda: send(ada, form, title="More")] * 2)] == [
        200,
        200,
    ]
    assert len(services.run_of(ada.meeting_id).agenda) == before + 2
    assert send(ada, {**item_form(ada, None), "title": "News"}).status_code == 200  # meant anew
    assert len(services.run_of(ada.meeting_id).agenda) == before + 3


def test_two_who_save_an_item_at_once_lose_nothing_and_others_may_not(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    form = item_form(ada)
    refused = [send(people[name], form, title="x").status_code for name in ("Ben", "Gus", "Eve")]
    assert refused == [403, 403, 200]  # Eve in her own meeting
    assert people["Eve"].client.post(f"/m/{ada.meeting_id}/press", data=form).status_code == 404
    send(ada, {"press": "make_facilitator", "person": str(ben.id)})
    both = at_once(lambda: send(ada, form, title="Ada's"), lambda: send(ben, form, title="Ben's"))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    late = next(answer.text for answer in both if answer.status_code == 409)
    assert all(f"{name}&#39;s" in late for name in ("Ada", "Ben"))
    send(ada, {"press": "start"})
    send(ada, {"press": "end"})
    ended = send(ada, form, title="Later")
    assert (ended.status_code, "The meeting has ended" in ended.text) == (409, True)


def test_of_the_times_a_field_left_alone_stays_and_one_that_two_changed_comes_back(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = (clock.now() + timedelta(days=1)).replace(hour=12)  # at midnight 23:00 is an hour ago
    monkeypatch.setattr(clock, "now", lambda: noon)
    ada = people["Ada"]
    form = {"press": "set_times", "since": str(number(people)), "starts_at": "", "must_end_at": ""}
    assert send(ada, form, starts_at="23:00").status_code == 200
    assert send(ada, form, must_end_at="23.45").status_code == 200
    schedule = services.run_of(ada.meeting_id).schedule
    assert (schedule.must_end_at - schedule.starts_at).total_seconds() == 45 * 60
    answer = send(ada, form, starts_at="22:00")
    assert answer.status_code == 409
    assert 'value="22:00"' in answer.text
    assert (
        'id="starts-at-theirs"><b>Saved by somebody else:</b> '
        '<span dir="auto"><span class="at" translate="no">23:00</span></span>' in answer.text
    )
    assert 'value="23:45"' in answer.text
    assert services.run_of(ada.meeting_id).schedule == schedule
    page = ada.client.post(f"/m/{ada.meeting_id}/press", data={**form, "starts_at": "22:00"})
    assert (page.status_code, "<html" in page.text) == (409, True)
