"""Who has the word in a run, who has had it and who is next: the same on every screen."""

from ementor.meetings.domain.agenda import StepSpeaker
from ementor.meetings.domain.state import Run


def talking(run: Run) -> int | None:
    """Return whose voice is heard now, as far as the room knows: nobody's while several talk."""
    if run.step is None:
        return run.speaker
    if run.step.who is StepSpeaker.EACH:
        return run.voice
    return run.speaker if run.step.who is StepSpeaker.SPEAKER else None


# In a round or a case clinic.


def upcoming(run: Run) -> tuple[int, ...]:
    """Return whose turn is still to come, next first; who is away comes after those present."""
    to_come = run.order[0 if run.place is None else run.place + 1 :]
    return tuple(sorted(to_come, key=lambda person: person not in run.present))


def line(run: Run) -> tuple[int, ...]:
    """Return the whole round in the order in which it will have gone."""
    return (*run.order[: 0 if run.place is None else run.place + 1], *upcoming(run))


def round_ready(run: Run) -> bool:
    """Tell whether a round was entered and nobody has had the word yet."""
    return run.has_turns and run.place is None


def round_is_over(run: Run) -> bool:
    """Tell whether everyone has had a turn. In a case clinic another owner may still be named."""
    return run.has_turns and run.place is not None and run.speaker is None and not upcoming(run)


def has_next_step(run: Run) -> bool:
    return run.course.step is not None and run.course.step + 1 < len(run.course.steps_s)


def voices(run: Run) -> tuple[int, ...]:
    """Return who has not had the word yet in a step that goes one by one, next first."""
    if run.step is None or run.step.who is not StepSpeaker.EACH or run.speaker is None:
        return ()
    others = [*(each for each in run.present if each > run.speaker), *run.present]
    waiting = (each for each in others if each != run.speaker and each not in run.course.asked)
    return tuple(dict.fromkeys(waiting))


# In open talk.


def queue(run: Run) -> tuple[int, ...]:
    """Return who has raised a hand, next first."""
    if run.item is not None and run.item.how.least_heard:
        return tuple(sorted(run.hands, key=lambda person: run.heard_s.get(person, 0.0)))
    return run.hands


# In pairs.


def group_of(run: Run, person: int) -> tuple[int, ...]:
    """Return who is in the same group, in its order; nobody before they are drawn."""
    return next((group for group in run.groups if person in group), ())


def seats(run: Run) -> int:
    """Return how many have a time of their own in each group; 0 where nobody has."""
    if not run.has_pairs or run.item is None or not run.item.how.has_seats:
        return 0
    return max((len(group) for group in run.groups), default=run.item.how.size)


def seats_ready(run: Run) -> bool:
    """Tell whether pairs are drawn, and the first one's time has not begun."""
    return seats(run) > 0 and bool(run.groups) and run.course.seat is None


def seats_are_over(run: Run) -> bool:
    return run.course.seat is not None and run.course.turn_clock is None
