"""The buttons of the card in the middle: which of them somebody sees, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from ementor.meetings.cards.view import Button, Person, View, minute
from ementor.meetings.cards.words import N_, Ending, From, Own, Value
from ementor.meetings.domain.agenda import Item


@dataclass(frozen=True)
class Acts:
    """The buttons of the card: the great ones, and those below."""

    meeting_id: int
    main: tuple[Button, ...]
    more: tuple[Button, ...]
    to_record: bool
    tries: bool
    """The room may be tried out from here."""


def acts(view: View) -> Acts:
    return Acts(
        meeting_id=view.meeting_id,
        main=main_acts(view),
        more=more_acts(view),
        to_record=view.phase == "closed",
        tries=tries_the_room(view),
    )


def main_acts(view: View) -> tuple[Button, ...]:
    """Return the great buttons: the clock's, one's own hand, and what comes next."""
    if view.phase == "before":
        return start_buttons(view) if view.may_run else ()
    if view.phase == "closed":
        return (Button("reopen", N_("Undo"), "back"),) if view.viewer.leads else ()
    found = []
    if view.may_run:
        if view.run.paused:
            found.append(Button("resume", icon="play", kind="quiet icon", says=N_("Resume")))
        else:
            found.append(Button("pause", icon="pause", kind="quiet icon", says=N_("Pause")))
        found.append(Button("plus_minute", N_("+1 min"), kind="quiet num", says=N_("Add one minute")))
    if view.run.has_queue and not view.mine:
        about = ("person", view.me)
        if view.me in view.run.hands:
            found.append(Button("lower_hand", N_("Lower my hand"), "hand", "quiet on", about=about))
        else:
            found.append(Button("raise_hand", N_("Raise my hand"), "hand", about=about))
    going_on = go_on(view)
    return (*found, going_on) if going_on else tuple(found)


def start_buttons(view: View) -> tuple[Button, ...]:
    offers, label = view.offers, N_("Start the meeting")
    if not offers.short_from or not offers.short_end_at:
        return (Button("start", label, "next", "main big"),)
    hidden = offers.short_from > view.now
    ends = N_("ends %(time)s", time=Ending(minute(view.ends_at), less=0))
    short = N_(
        "Start and shorten, ends %(time)s", time=Ending(minute(offers.short_end_at), most=offers.most_s)
    )
    return (
        Button("start", (label, From(offers.short_from, hidden, (", ", ends))), "next", "main big"),
        Button("start_short", short, shown_from=offers.short_from, shown_to=offers.keep_at, hidden=hidden),
    )


def go_on(view: View) -> Button | None:
    """Return the button that leads on: to the next speaker, step, pair, item, or to the end."""
    run, item, step = view.run, view.item, view.step
    if item is None or not (view.may_run or view.mine or run.voice == view.me):
        return None
    if run.has_pairs and not run.groups:
        if not (view.may_run and len(view.here) > 1):
            return None
        label = {2: N_("Draw pairs"), 3: N_("Draw trios")}.get(item.how.size, N_("Draw groups"))
        return Button("draw_pairs", label, "shuffle", "main")
    if run.seats_ready:
        return Button("next", N_("Start the turns"), "next", "main")
    if step and run.voices:
        return hand_over_to(view.person(run.voices[0]))
    if step and run.has_next_step:
        name = "next_step" if view.may_run or view.mine else "next"
        return Button(name, N_("Next"), "next", "main", wide=(": ", after_step(view) or ""))
    if view.seat is not None:
        label = N_("Next person") if view.seat + 1 < run.seats else N_("Finish the turns")
        return Button("next", label, "next", "main")
    if view.following:
        return hand_over_to(view.following)
    if run.has_turns and run.speaker is not None:
        label = N_("Finish the case") if run.names_owners else N_("Finish the round")
        return Button("next", label, "next", "main")
    if view.queue:
        return hand_over_to(view.person(view.queue[0]))
    if run.has_queue and view.mine:
        return Button("next", N_("I have finished"), "check", "main")
    chooses_owners = run.names_owners and run.round_ready
    if view.may_run and view.next_item and not view.jumped and not chooses_owners:
        return Button("next_item", N_("Next item"), "next", "main")
    if view.viewer.leads and (view.jumped or not view.next_item):
        return end_meeting("main")
    return None


def after_step(view: View) -> Value | None:
    """Return the title of the step after the one under way."""
    place = view.run.course.step
    if view.item is None or view.step is None or place is None or place + 1 >= len(view.item.how.steps):
        return None
    return Own(view.say(view.item.how.steps[place + 1].title))


def hand_over_to(person: Person | None) -> Button:
    name = Own(person.name) if person else ""
    return Button("next", N_("Next speaker"), "next", "main", wide=(": ", name))


def end_meeting(kind: str) -> Button:
    return Button(
        "end",
        N_("End the meeting"),
        kind=kind,
        confirm=N_("End the meeting for everyone?"),
        confirm_text=N_("The record is kept and this link then shows it. You can undo this for a minute."),
    )


def more_acts(view: View) -> tuple[Button, ...]:
    """Return what else may be done with the turn, the round and the item."""
    run, item, step, may_run = view.run, view.item, view.step, view.may_run
    if not view.live or item is None or not (may_run or view.mine):
        return ()
    goes_round = run.has_turns and run.speaker is not None
    found = [
        may_run and run.past and Button("back", N_("Back"), "back", "text"),
        may_run and Button("minus_minute", N_("−1 min"), kind="text num", says=N_("Take one minute away")),
        step and run.voices and Button("next_step", _next_step_label(view), kind="text"),
        step and run.has_next_step and Button("next_turn", _after_turn(view), kind="text"),
        goes_round and not run.names_owners and Button("pass", N_("Pass"), kind="text"),
        goes_round and not run.names_owners and view.following and _postpone(view),
        view.viewer.leads and not view.next_item and not view.offers.free and _stay_and_talk(),
        may_run
        and run.has_queue
        and view.speaker
        and not view.queue
        and not view.mine
        and Button("next", N_("Open the floor"), kind="text"),
        may_run
        and run.round_ready
        and not run.names_owners
        and len(run.order) > 1
        and Button("shuffle", N_("Shuffle"), "shuffle", "text"),
        may_run
        and run.names_owners
        and len(run.upcoming) > 1
        and Button("draw_owners", N_("Draw the order"), "shuffle", "text"),
        may_run
        and run.has_pairs
        and run.groups
        and run.course.seat is None
        and Button("draw_pairs", N_("Draw again"), "shuffle", "text"),
        may_run and view.next_item and _to_next_item(view, view.next_item),
    ]
    return tuple(one for one in found if isinstance(one, Button))


def _after_turn(view: View) -> Value:
    run = view.run
    if view.following or (run.course.seat is not None and run.course.seat + 1 < run.seats):
        return N_("Next turn")
    return N_("Finish the case") if run.names_owners else N_("Finish the turns")


def _next_step_label(view: View) -> Value:
    title = after_step(view)
    return N_("Next: %(title)s", title=title) if title else _after_turn(view)


def _postpone(view: View) -> Button:
    return Button("postpone", N_("Come back to me") if view.mine else N_("Come back later"), kind="text")


def _stay_and_talk() -> Button:
    note = N_("Stay and talk: 15 minutes without an agenda, then the room ends the meeting by itself.")
    return Button("free_talk", N_("Stay and talk"), kind="text", note=note)


def _to_next_item(view: View, next_item: Item) -> Button | None:
    """Return the way to another item while the great button leads elsewhere."""
    if view.jumped:
        title = Own(view.say(next_item.title))
        label = N_("Back to what was jumped over: %(title)s", title=title)
        return Button("next_item", label, kind="text")
    return Button("next_item", N_("Next item"), kind="text") if is_in_turns(view) else None


def is_in_turns(view: View) -> bool:
    """Tell whether the great button leads on within the item."""
    run = view.run
    return bool(
        view.following
        or (run.has_turns and run.speaker is not None)
        or view.queue
        or view.seat is not None
        or run.seats_ready
        or (run.has_pairs and not run.groups)
        or (run.names_owners and run.round_ready)
    )


def tries_the_room(view: View) -> bool:
    """Tell whether the way to the practice room is shown: before the start, and in the tech check."""
    if view.phase == "before":
        return True
    return view.live and view.item is not None and view.item.title.get("en") == view.tech_check
