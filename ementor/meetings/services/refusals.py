"""What people read when a rule refuses what they want to do in a meeting."""

from __future__ import annotations

from flask_babel import lazy_gettext

from ementor.meetings.domain.agenda import MAX_ITEMS, MAX_MINUTES, MAX_PROMPT, MAX_TITLE
from ementor.meetings.domain.run import Refusal

REFUSALS = {
    Refusal.ALREADY_PLANNED: lazy_gettext("This meeting already has an agenda."),
    Refusal.NOTHING_PLANNED: lazy_gettext("Add an item to the agenda first."),
    Refusal.NOT_STARTED: lazy_gettext("Start the meeting first."),
    Refusal.CLOSED: lazy_gettext("The meeting has ended."),
    Refusal.TOO_LATE: lazy_gettext("It is too late to undo that."),
    Refusal.GONE: lazy_gettext("Somebody has deleted that item from the agenda."),
    Refusal.DONE: lazy_gettext("Past items can't be moved or deleted."),
    Refusal.NO_NEXT: lazy_gettext("This is the last item. End the meeting when you are ready."),
    Refusal.NO_TURNS: lazy_gettext("There are no turns in this item."),
    Refusal.NO_SPEAKER: lazy_gettext("It is nobody's turn now."),
    Refusal.NOBODY_HERE: lazy_gettext("Nobody is here yet."),
    Refusal.NOT_HERE: lazy_gettext("That person is not here."),
    Refusal.LAST_IN_ORDER: lazy_gettext("This is already the last turn."),
    Refusal.ROUND_OVER: lazy_gettext("The round is over."),
    Refusal.ROUND_RUNNING: lazy_gettext("The round has started, so the order can't be changed."),
    Refusal.WRONG_ORDER: lazy_gettext("Somebody joined or left just then. Please try again."),
    Refusal.NOTHING_TO_UNDO: lazy_gettext("There is nothing to undo."),
    Refusal.EMPTY: lazy_gettext("Give the item a title."),
    Refusal.TOO_LONG: lazy_gettext(
        "That's too long. A title can have at most %(title)d characters and a prompt %(prompt)d.",
        title=MAX_TITLE,
        prompt=MAX_PROMPT,
    ),
    Refusal.TOO_MANY: lazy_gettext("An agenda can have at most %(n)d items.", n=MAX_ITEMS),
    Refusal.MINUTES: lazy_gettext("Enter whole minutes, from 1 to %(n)d.", n=MAX_MINUTES),
    Refusal.END_PASSED: lazy_gettext(
        "That end time has already passed. Choose a later time, or leave it empty."
    ),
    Refusal.END_FAR: lazy_gettext("The end is more than 12 hours after the start. Check both times."),
    Refusal.END_LOCKED: lazy_gettext(
        "This meeting must end on time. Remove the fixed end time first to stay longer."
    ),
    Refusal.STEPS: lazy_gettext(
        "A turn and each of its steps can last from 10 seconds to %(n)d minutes.", n=MAX_MINUTES
    ),
    Refusal.NOBODY_NAMED: lazy_gettext("Choose first whose case it is."),
    Refusal.NO_PAIRS: lazy_gettext("Draw the groups first."),
    Refusal.PAIRS_RUNNING: lazy_gettext("The groups have started. You can still swap two people."),
    Refusal.NO_QUEUE: lazy_gettext("You can raise your hand only in open talk."),
    Refusal.NOT_ASKED: lazy_gettext("This belongs to a case that isn't being discussed now."),
}
INVALID = {
    Refusal.EMPTY: "title",
    Refusal.TOO_LONG: "title",
    Refusal.TOO_MANY: None,
    Refusal.MINUTES: "minutes",
    Refusal.STEPS: "turn",
    **dict.fromkeys((Refusal.END_PASSED, Refusal.END_FAR), "must_end_at"),
}
"""What was given is not of the right form: the field that it is about, None for none."""
