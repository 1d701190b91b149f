"""What two write into one field, at once, twice, late, after the end, and from outside."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ementor.database import db
from ementor.groups import services as groups
from ementor.meetings import services
from ementor.meetings.domain.agenda import How, Mode
from ementor.meetings.domain.run import ChangeItem, NameOwners, Next, NextItem, NextStep, PersonCame, Start
from ementor.meetings.models import Meeting
from ementor.meetings.starting import case_steps
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
        ChangeItem(1, mode=Mode.CASE, how=How(steps=case_steps(20))),
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
    assert "always wait</span></p>" in text
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
