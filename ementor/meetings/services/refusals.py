"""What people read when a rule refuses what they want to do in a meeting."""

from __future__ import annotations

from flask_babel import lazy_gettext

from ementor.meetings.domain.agenda import MAX_ITEMS, MAX_MINUTES, MAX_PROMPT, MAX_TITLE
from ementor.meetings.domain.run import Why

REFUSALS = {
    Why.ALREADY_PLANNED: lazy_gettext("This meeting has its agenda already."),
    Why.NOTHING_PLANNED: lazy_gettext("Add an item to the agenda first."),
    Why.NOT_STARTED: lazy_gettext("Start the meeting first."),
    Why.CLOSED: lazy_gettext("The meeting has ended."),
    Why.TOO_LATE: lazy_gettext("It is too late to undo that."),
    Why.GONE: lazy_gettext("Somebody has taken that item off the agenda."),
    Why.DONE: lazy_gettext("What has been cannot be moved or deleted."),
    Why.NO_NEXT: lazy_gettext("This is the last item. End the meeting when you are ready."),
    Why.NO_TURNS: lazy_gettext("There are no turns in this item."),
    Why.NO_SPEAKER: lazy_gettext("It is nobody's turn now."),
    Why.NOBODY_HERE: lazy_gettext("Nobody is here yet."),
    Why.NOT_HERE: lazy_gettext("That person is not here."),
    Why.LAST_IN_ORDER: lazy_gettext("This is the last turn already."),
    Why.ROUND_OVER: lazy_gettext("The round is over."),
    Why.ROUND_RUNNING: lazy_gettext("The round has begun; its order stays."),
    Why.WRONG_ORDER: lazy_gettext("Somebody came or left meanwhile. Please try again."),
    Why.NOTHING_TO_UNDO: lazy_gettext("There is nothing to go back to."),
    Why.EMPTY: lazy_gettext("Give the item a title."),
    Why.TOO_LONG: lazy_gettext(
        "That is too long: a title may have %(title)d characters and a prompt %(prompt)d.",
        title=MAX_TITLE,
        prompt=MAX_PROMPT,
    ),
    Why.TOO_MANY: lazy_gettext("An agenda may have %(n)d items at most.", n=MAX_ITEMS),
    Why.MINUTES: lazy_gettext("Give whole minutes, from 1 to %(n)d.", n=MAX_MINUTES),
    Why.END_PASSED: lazy_gettext("That end has passed already. Choose a later time, or leave it empty."),
    Why.END_FAR: lazy_gettext("That is more than 12 hours after the start. Check both times."),
    Why.END_LOCKED: lazy_gettext("This meeting must end on time. Take that end away first to stay longer."),
    Why.STEPS: lazy_gettext(
        "A turn and each of its steps last from 10 seconds to %(n)d minutes.", n=MAX_MINUTES
    ),
    Why.NOBODY_NAMED: lazy_gettext("Choose first whose case it is."),
    Why.NO_PAIRS: lazy_gettext("Draw the groups first."),
    Why.PAIRS_RUNNING: lazy_gettext("The groups have begun. You can still let two people swap."),
    Why.NO_QUEUE: lazy_gettext("Hands are raised in open talk."),
    Why.NOT_ASKED: lazy_gettext("This belongs to a case that is not on the table."),
}
INVALID = {
    *(Why.EMPTY, Why.TOO_LONG, Why.TOO_MANY, Why.MINUTES, Why.STEPS),
    *(Why.END_PASSED, Why.END_FAR),
}
