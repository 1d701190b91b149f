"""The case clinic: whose cases are taken up, and what is written down in each."""

from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.domain import require
from ementor.meetings.domain.agenda import MAX_PROMPT, CaseField
from ementor.meetings.domain.commands import By, Command, Means, Refusal, Refused
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import decides, evolves
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.values import replace
from ementor.texts import merged_text

MAX_KEPT = 4 * MAX_PROMPT
"""So long may the words of a case become when several write at once, each up to ``MAX_PROMPT``."""


@dataclass(frozen=True)
class NameOwners(Command, means=Means.PLACE):
    """Say whose cases are taken up, in their order; who has had theirs stays."""

    order: tuple[int, ...]


@dataclass(frozen=True)
class Keep(Command, means=Means.NOTHING, by=By.SELF):
    """Write down the key question or the next step of a case, for all to see and for the record.

    ``item_id`` is the case's item, None the current one; ``seen`` the versions from which the text may
    have grown, see ``merged_text``, None to replace whatever stands there.
    """

    owner: int
    what: CaseField
    text: str
    item_id: int | None = None
    seen: tuple[str, ...] | None = None

    @property
    def whose(self) -> int:
        return self.owner


@decides(NameOwners)
def name_owners(run: Run, command: NameOwners, now: datetime) -> list[Event]:
    """Say whose cases come, in their order; those who have had theirs, or have it now, stay before."""
    require.item_with_turns(run)
    order = command.order
    if not run.names_owners:
        raise Refused(Refusal.NO_TURNS)
    if not set(order) <= run.people:
        raise Refused(Refusal.NOT_HERE)
    had = run.order[: 0 if run.place is None else run.place + 1]
    whole = (*had, *dict.fromkeys(each for each in order if each not in had))
    return [Event(Kind.ORDER_CHANGED, now, {"order": list(whole)})] if whole != run.order else []


@decides(Keep)
def keep(run: Run, command: Keep, now: datetime) -> list[Event]:
    """Keep what was written in a case; also after its turn, as it may have been written offline."""
    item = require.current_item(run)
    item_id = item.id if command.item_id is None else command.item_id
    key = (item_id, command.owner, command.what)
    before = run.kept.get(key, "")
    text = command.text.strip()
    if key not in run.kept and not has_case(run, item_id, command.owner):
        raise Refused(Refusal.NOT_ASKED)
    if len(text) > max(MAX_PROMPT, len(before)):
        raise Refused(Refusal.TOO_LONG)
    if command.seen is not None:
        text = merged_text(before, text, command.seen)
    if len(text) > MAX_KEPT:
        raise Refused(Refusal.TOO_LONG)
    if before == text:
        return []
    data = {"item": item_id, "owner": command.owner, "what": command.what.value, "text": text}
    return [Event(Kind.KEPT, now, data)]


def has_case(run: Run, item_id: int, owner: int) -> bool:
    """Return whether this is somebody's case on the table, or may have been in an item that is over."""
    if run.item is not None and run.item.id == item_id:
        return run.names_owners and owner in run.order
    item = run.item_by_id(item_id)
    is_over = item is not None and item.rules.names_owners and run.state_of(item) == "done"
    return is_over and owner in run.people


@evolves(Kind.KEPT)
def kept(run: Run, event: Event) -> Run:
    data = event.data
    key = data["item"], data["owner"], CaseField(data["what"])
    return replace(run, kept={**run.kept, key: data["text"]})
