"""What people do in a meeting: find it, press its buttons, start one, come and go.

Every change is an event in the meeting's log, committed before anybody hears of it.
"""

from ementor.meetings.services.access import (
    Access,
    Room,
    access_by,
    accesses_by,
    number_quickly,
    standings,
)
from ementor.meetings.services.finding import (
    engine,
    get_meeting,
    newest_meeting,
    once_ended,
    people_of,
)
from ementor.meetings.services.log import (
    Newest,
    merges,
    newest_event,
    numbers,
    run_at,
    run_of,
    who_is_now,
)
from ementor.meetings.services.pressing import (
    act,
    act_on,
    before,
    has_counted,
    own_words,
    owners_drawn,
    record,
    shuffled,
    tell_own_pages,
    touch,
)
from ementor.meetings.services.refusals import REFUSALS

__all__ = [
    "REFUSALS",
    "Access",
    "Newest",
    "Room",
    "access_by",
    "accesses_by",
    "act",
    "act_on",
    "before",
    "engine",
    "get_meeting",
    "has_counted",
    "merges",
    "newest_event",
    "newest_meeting",
    "number_quickly",
    "numbers",
    "once_ended",
    "own_words",
    "owners_drawn",
    "people_of",
    "record",
    "run_at",
    "run_of",
    "shuffled",
    "standings",
    "tell_own_pages",
    "touch",
    "who_is_now",
]
