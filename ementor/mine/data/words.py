"""What the keys of My data are called and what its codes mean, for people: in both files that they read."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ementor.languages import LANGUAGES
from ementor.meetings.domain.run import Role
from ementor.meetings.parts import role_name

FEATURES = {
    "accounts": lazy_gettext("You and your devices"),
    "groups": lazy_gettext("Your groups"),
    "reflections": lazy_gettext("Closing reflections"),
    "notes": lazy_gettext("Your own notes"),
    "writings": lazy_gettext("Quiet writing"),
    "series": lazy_gettext("Between meetings"),
    "archive": lazy_gettext("Under your name in records"),
    "meetings": lazy_gettext("Meetings under way"),
}
"""In the order in which they stand in what is read."""
KEYS = {
    "name": lazy_gettext("Name"),
    "language": lazy_gettext("Language"),
    "email": lazy_gettext("E-mail address"),
    "created_at": lazy_gettext("Since"),
    "devices": lazy_gettext("Devices"),
    "device": lazy_gettext("Device"),
    "seen_at": lazy_gettext("Last opened"),
    "proved_at": lazy_gettext("Confirmed as yours with a code"),
    "left_at": lazy_gettext("Reported as not yours"),
    "memberships": lazy_gettext("Groups you belong to or have belonged to"),
    "group": lazy_gettext("Group"),
    "facilitator": lazy_gettext("You facilitate"),
    "for_meeting_id": lazy_gettext("Facilitating for this meeting only (number)"),
    "joined_at": lazy_gettext("Joined"),
    "ended_at": lazy_gettext("Left"),
    "waiting": lazy_gettext("Groups you have asked to join"),
    "since": lazy_gettext("Since"),
    "refused_at": lazy_gettext("Refused"),
    "under_way": lazy_gettext("Meetings with a record that is not final yet"),
    "meeting": lazy_gettext("Meeting"),
    "meeting_id": lazy_gettext("Meeting (number)"),
    "meeting_ended_at": lazy_gettext("Meeting ended"),
    "meeting_at": lazy_gettext("Meeting begins"),
    "pressed": lazy_gettext("Which buttons you pressed"),
    "happened": lazy_gettext("Events that concerned you"),
    "at": lazy_gettext("When"),
    "kind": lazy_gettext("What"),
    "open_pages": lazy_gettext("Pages you have open"),
    "cases": lazy_gettext("Your cases"),
    "what": lazy_gettext("Question or next step"),
    "own_notes": lazy_gettext("Own notes"),
    "text": lazy_gettext("Text"),
    "html": lazy_gettext("The same text with its headings and lists"),
    "writings": lazy_gettext("What you wrote"),
    "item": lazy_gettext("Item"),
    "item_id": lazy_gettext("Item (number)"),
    "other": lazy_gettext("What you wrote there on another page"),
    "answers": lazy_gettext("Answers"),
    "statement": lazy_gettext("Statement"),
    "number": lazy_gettext("Number from 1 to 5"),
    "ready": lazy_gettext("You said you were ready"),
    "in_notes": lazy_gettext("Lines you put into the notes"),
    "question": lazy_gettext("Question"),
    "sharing": lazy_gettext("Who sees it"),
    "next_steps": lazy_gettext("Next steps"),
    "mine_only": lazy_gettext("Only for you"),
    "done": lazy_gettext("Reflections you began"),
    "done_at": lazy_gettext("You were done"),
    "records": lazy_gettext("Meetings you were in"),
    "role": lazy_gettext("Role"),
    "corrections": lazy_gettext("Lines you corrected in records"),
    "part": lazy_gettext("Part of the record"),
    "taken_over": lazy_gettext("Groups you have taken over"),
    "always_on_duty": lazy_gettext("Duties that are always yours"),
    "duty": lazy_gettext("Duty"),
    "willing": lazy_gettext("Duties you take in turn"),
    "on_duty": lazy_gettext("Your duties at meetings"),
    "swaps": lazy_gettext("Swaps of duties that await an answer"),
    "asked_by_me": lazy_gettext("You asked"),
    "asked_at": lazy_gettext("Asked"),
    "away": lazy_gettext("Meetings you cannot come to"),
    "word": lazy_gettext("Your message to the facilitators"),
    "told": lazy_gettext("The others know too"),
    "promises": lazy_gettext("How your next steps went"),
    "became": lazy_gettext("How it went"),
    "became_at": lazy_gettext("Reported"),
    "wishes": lazy_gettext("What you want to bring"),
    "shown": lazy_gettext("Shown to the group"),
    "task_answers": lazy_gettext("Your texts for in-between tasks"),
    "shared": lazy_gettext("Shared with the group"),
}
CODES: Mapping[str, Mapping[str, object]] = {
    "sharing": {
        "private": lazy_gettext("Only you"),
        "named": lazy_gettext("The group, with your name"),
        "unnamed": lazy_gettext("The group, without your name"),
    },
    "what": {"question": lazy_gettext("Key question"), "next_step": lazy_gettext("Next step")},
    "role": {role.value: LazyString(role_name, role.value) for role in Role},
    "duty": {
        "facilitator": lazy_gettext("facilitator"),
        "note_keeper": lazy_gettext("note keeper"),
        "tech_support": lazy_gettext("tech support"),
    },
    "became": {
        "open": lazy_gettext("Not reported yet"),
        "done": lazy_gettext("Done"),
        "going_on": lazy_gettext("Still going"),
        "let_go": lazy_gettext("Dropped"),
    },
    "language": {code: language.name for code, language in LANGUAGES.items()},
}
HERE = (
    (lazy_gettext("You"), lazy_gettext("name, language, e-mail address and devices")),
    (
        lazy_gettext("Your groups"),
        lazy_gettext("including those you have left; your duties, and the meetings you couldn't come to"),
    ),
    (
        lazy_gettext("Your answers and next steps"),
        lazy_gettext("including who sees them and how the steps went"),
    ),
    (
        lazy_gettext("What you wrote for yourself"),
        lazy_gettext("your own notes, quiet writing, in-between tasks and wishes"),
    ),
    (
        lazy_gettext("Your part in records"),
        lazy_gettext("what they say under your name, and the lines you corrected"),
    ),
    (
        lazy_gettext("A meeting that is under way or has just ended"),
        lazy_gettext("which buttons you pressed, until its record is final"),
    ),
)
NOT_HERE = (
    lazy_gettext("What other people wrote, and their names."),
    lazy_gettext("The shared notes: the group wrote them together. You will find them in the record."),
    lazy_gettext(
        "What you shared without your name, once the meeting is over: nobody can tell any longer that it "
        "was yours."
    ),
    lazy_gettext("Anything that was off the record."),
    lazy_gettext("What you changed in things the group has in common: the agenda, dates and settings."),
    lazy_gettext("The codes and secret keys that identify your devices."),
)


def of_key(key: str) -> str:
    """Return what a key is called in the language in force."""
    return str(FEATURES.get(key) or KEYS[key])


def of_code(key: str, code: str) -> str:
    """Return what is said for the text under a key: what a code means, or the text itself."""
    return str(CODES.get(key, {}).get(code, code))


def keys_in(data: object) -> set[str]:
    """Return all keys in the data, at any depth."""
    if isinstance(data, Mapping):
        return {*data, *(key for value in data.values() for key in keys_in(value))}
    return {key for value in data for key in keys_in(value)} if isinstance(data, list) else set()
