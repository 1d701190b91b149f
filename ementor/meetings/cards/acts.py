"""The buttons of the card in the middle: which of them somebody sees, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ementor.meetings.cards.view import Button, Person, View, minute
from ementor.meetings.cards.words import N_, Ending, From, Own, Value
from ementor.meetings.domain import floor
from ementor.meetings.domain.agenda import Item


@dataclass(frozen=True)
class Acts:
    """The buttons of the card: what comes next, the few below it, and those behind *More*."""

    meeting_id: int
    main: tuple[Button, ...]
    """The last of them is the great button."""
    row: tuple[Button, ...]
    more: tuple[Button, ...]
    to_record: bool
    tries: bool
    """The room may be tried out from here."""


def acts(view: View) -> Acts:
    return Acts(
        meeting_id=view.meeting_id,
        main=main_acts(view),
        row=row_acts(view),
        more=more_acts(view),
        to_record=view.phase == "closed",
        tries=tries_the_room(view),
    )


def main_acts(view: View) -> tuple[Button, ...]:
    """Return the great button, and before it one's own hand where somebody also leads on."""
    if view.phase == "before":
        return start_buttons(view) if view.may_run else ()
    if view.phase == "closed":
        return (Button("reopen", N_("Undo"), "back"),) if view.viewer.leads else ()
    found = (_own_hand(view), go_on(view))
    return tuple(one for one in found if one)


def _own_hand(view: View) -> Button | None:
    """Return the button of one's own hand: great for who listens, small beside the great one of who leads."""
    if not view.run.has_queue or view.mine:
        return None
    about, is_up = ("person", view.me), view.me in view.run.hands
    if is_up:
        hand = Button("lower_hand", N_("Lower my hand"), "hand", "quiet on", about=about)
    else:
        hand = Button("raise_hand", N_("Raise my hand"), "hand", "main", about=about)
    if go_on(view) is None:
        return hand
    return replace(hand, label=None, says=hand.label, kind="quiet on" if is_up else "quiet")


def row_acts(view: View) -> tuple[Button, ...]:
    """Return what who runs the meeting presses often: the clock's buttons and the undo."""
    if not (view.live and view.item and view.may_run):
        return ()
    found = [
        _undo(view),  # the next stop of the keyboard after the great button
        _may_shuffle(view) and Button("shuffle", N_("Shuffle the order"), "shuffle", "text"),
        _clock_button(view),
        Button("plus_minute", N_("+1 min"), kind="text num", says=N_("+1 min, add one minute")),
    ]
    return tuple(one for one in found if isinstance(one, Button))


def _clock_button(view: View) -> Button:
    if view.run.paused:
        return Button("resume", N_("Resume"), "play", "text on")
    return Button("pause", N_("Pause"), "pause", "text")


def _may_shuffle(view: View) -> bool:
    run = view.run
    return floor.round_ready(run) and not run.names_owners and len(run.order) > 1


def _undo(view: View) -> Button | None:
    """Return the way back to the turn, step or item before: what it undoes is said in its name."""
    run = view.run
    if not run.past:
        return None
    return Button("back", N_("Undo"), "back", "text", says=undone(view))


def undone(view: View) -> Value:
    """Return what *Undo* goes back to, in words: an item, a speaker, a step."""
    course, earlier = view.run.course, view.run.past[-1]
    title = next((view.say(one.title) for one in view.run.agenda if one.id == earlier.item_id), "")
    if earlier.item_id != course.item_id:
        return N_("Undo, back to the previous item: %(title)s", title=Own(title))
    speaker = view.person(earlier.speaker)
    if earlier.speaker != course.speaker and speaker:
        return N_("Undo, back to %(name)s's turn", name=Own(speaker.name))
    if earlier.step != course.step:
        return N_("Undo, back to the previous step")
    return N_("Undo, back to where we were before")


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
    if floor.seats_ready(run):
        return Button("next", N_("Start the turns"), "play", "main")
    if floor.round_ready(run) and view.following:
        label = N_("Start the case") if run.names_owners else N_("Start the round")
        return Button("next", label, "play", "main", wide=(": ", Own(view.following.name)))
    if step and floor.voices(run):
        return hand_over_to(view.person(floor.voices(run)[0]))
    if step and floor.has_next_step(run):
        name = "next_step" if view.may_run or view.mine else "next"
        return Button(name, N_("Next"), "next", "main", wide=(": ", after_step(view) or ""))
    if view.seat is not None:
        label = N_("Next person") if view.seat + 1 < floor.seats(run) else N_("Finish the turns")
        return Button("next", label, "next", "main")
    if view.following:
        return hand_over_to(view.following)
    if run.has_turns and run.speaker is not None:
        label = N_("Finish the case") if run.names_owners else N_("Finish the round")
        return Button("next", label, "next", "main")
    if view.queue:
        return hand_over_to(view.person(view.queue[0]))
    if run.has_queue and view.mine:
        return Button("next", N_("I've finished speaking"), "check", "main")
    chooses_owners = run.names_owners and floor.round_ready(run)
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
    return Own(view.say(view.item.how.steps[place + 1].title), is_name=False)


def hand_over_to(person: Person | None) -> Button:
    name = Own(person.name) if person else ""
    return Button("next", N_("Next speaker"), "next", "main", wide=(": ", name))


def end_meeting(kind: str, icon: str | None = None) -> Button:
    return Button(
        "end",
        N_("End the meeting"),
        icon,
        kind,
        confirm=N_("End the meeting for everyone?"),
        confirm_text=N_(
            "The record is kept, and this link will then open it. You can undo this for a minute."
        ),
    )


def more_acts(view: View) -> tuple[Button, ...]:
    """Return what else may be done with the turn, the round and the item: opened by *More*."""
    run, item, step, may_run = view.run, view.item, view.step, view.may_run
    if not view.live or item is None or not (may_run or view.mine):
        return ()
    in_round = run.has_turns and run.speaker is not None and not run.names_owners
    opens_floor = may_run and run.has_queue and view.speaker and not view.queue and not view.mine
    names_more = may_run and run.names_owners and len(floor.upcoming(run)) > 1
    draws_again = may_run and run.has_pairs and run.groups and run.course.seat is None
    found = [
        step and floor.voices(run) and Button("next_step", _next_step_label(view), "next", "text"),
        step and floor.has_next_step(run) and Button("next_turn", _after_turn(view), "skip", "text"),
        in_round and _pass(view),
        in_round and view.following and _postpone(view),
        opens_floor and Button("next", N_("Open the floor"), "people", "text"),
        names_more and Button("draw_owners", N_("Draw the order of cases"), "shuffle", "text"),
        draws_again and Button("draw_pairs", N_("Draw again"), "shuffle", "text"),
        *(
            _lower(person)
            for one in view.queue
            if may_run and one != view.me and (person := view.person(one))
        ),
        may_run and _minus_minute(),
        may_run and view.next_item and _to_next_item(view, view.next_item),
        view.viewer.leads and not view.next_item and not view.offers.free and _stay_and_talk(),
        view.viewer.leads and not _ends_next(view) and end_meeting("text", "check"),
    ]
    return tuple(one for one in found if isinstance(one, Button))


def _ends_next(view: View) -> bool:
    going_on = go_on(view)
    return going_on is not None and going_on.name == "end"


def _minus_minute() -> Button:
    return Button("minus_minute", N_("−1 min"), "dash", "text num", says=N_("−1 min, take one minute away"))


def _after_turn(view: View) -> Value:
    run = view.run
    if view.following or (run.course.seat is not None and run.course.seat + 1 < floor.seats(run)):
        return N_("Next turn")
    return N_("Finish the case") if run.names_owners else N_("Finish the turns")


def _next_step_label(view: View) -> Value:
    title = after_step(view)
    return N_("Next: %(title)s", title=title) if title else _after_turn(view)


def _pass(view: View) -> Button:
    if view.mine or view.speaker is None:
        return Button("pass", N_("Pass my turn"), "skip", "text")
    return Button("pass", N_("Pass %(name)s's turn", name=Own(view.speaker.name)), "skip", "text")


def _postpone(view: View) -> Button:
    if view.mine or view.speaker is None:
        return Button("postpone", N_("I'll speak later"), "down", "text")
    label = N_("Move %(name)s's turn to later", name=Own(view.speaker.name))
    return Button("postpone", label, "down", "text")


def _lower(person: Person) -> Button:
    """Return the button that lowers a hand somebody has forgotten."""
    label = N_("Lower %(name)s's hand", name=Own(person.name))
    return Button("lower_hand", label, "hand", "text", about=("person", person.id), has_key=False)


def _stay_and_talk() -> Button:
    note = N_("Stay and talk: 15 minutes without an agenda, then the meeting ends automatically.")
    return Button("free_talk", N_("Stay and talk"), "people", "text", note=note)


def _to_next_item(view: View, next_item: Item) -> Button | None:
    """Return the way to another item while the great button leads elsewhere."""
    title = Own(view.say(next_item.title), is_name=False)
    if view.jumped:
        label = N_("Back to the skipped item: %(title)s", title=title)
        return Button("next_item", label, "back", "text")
    if not is_in_turns(view):
        return None
    left = len(view.upcoming) if view.run.speaker is not None and not view.run.names_owners else 0
    note = N_("Turns that would be left out: %(n)s", n=left) if left else None
    return Button("next_item", N_("Next item: %(title)s", title=title), "next", "text", note=note)


def is_in_turns(view: View) -> bool:
    """Tell whether the great button leads on within the item."""
    run = view.run
    return bool(
        view.following
        or (run.has_turns and run.speaker is not None)
        or view.queue
        or view.seat is not None
        or floor.seats_ready(run)
        or (run.has_pairs and not run.groups)
        or (run.names_owners and floor.round_ready(run))
    )


def tries_the_room(view: View) -> bool:
    """Tell whether the way to the practice room is shown: before the start, and in the tech check."""
    if view.phase == "before":
        return True
    return view.live and view.item is not None and view.item.title.get("en") == view.tech_check
