"""Who writes at the same moment is written in one turn, and nobody waits for somebody else's fault."""

import threading
from types import SimpleNamespace

import pytest

from ementor import batch as batches
from ementor.batch import LEAST_S, Batch, Job
from tests.support.machine import wait_until


class Killed(BaseException):
    """As gevent ends a greenlet."""


class Book:
    """Writes jobs once it is let; ``turns`` are who was written together."""

    def __init__(self) -> None:
        self.turns: list[list[Job]] = []
        self.let = threading.Event()
        self.batch: Batch[Job] = Batch(self.write)
        self.raised: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def write(self, jobs: list[Job]) -> None:
        self.turns.append(jobs)
        self.let.wait(20)
        if len(self.turns) == 1 and getattr(jobs[0], "dies", False):
            raise Killed
        for job in jobs[:3]:
            job.done = True

    def do(self, job: Job) -> None:
        def work() -> None:
            try:
                self.batch.do(job)
            except BaseException as error:
                self.raised.append(error)

        before = len(self.batch._waiting)
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()
        wait_until(lambda: len(self.batch._waiting) > before, "it to wait")

    def end(self) -> None:
        self.let.set()
        for thread in self.threads:
            thread.join()
        assert self.batch._waiting == []


def test_what_comes_while_one_is_written_is_written_together() -> None:
    book, jobs = Book(), [Job() for _ in range(6)]
    book.do(jobs[0])
    wait_until(lambda: book.turns, "the first turn")
    for job in jobs[1:]:
        book.do(job)
    book.end()
    assert book.turns == [jobs[:1], jobs[1:], jobs[4:]]  # it takes three, and leaves two for the next turn
    assert book.raised == []


def test_who_is_killed_at_it_holds_up_nobody() -> None:
    book, jobs = Book(), [Job() for _ in range(3)]
    jobs[0].dies = True  # type: ignore[attr-defined]
    book.do(jobs[0])
    wait_until(lambda: book.turns, "the first turn")
    for job in jobs[1:]:
        book.do(job)
    book.end()
    assert [type(error) for error in book.raised] == [Killed]
    assert [job.done for job in jobs] == [False, True, True]


def test_an_error_is_told_to_whose_it_is() -> None:
    def write(jobs: list[Job]) -> None:
        for job in jobs:
            job.done = True
        jobs[0].error = ValueError("mine")

    batch: Batch[Job] = Batch(write)
    with pytest.raises(ValueError, match="mine"):
        batch.do(Job())
    assert batch._waiting == []


def test_turns_are_a_moment_apart_and_who_comes_later_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))

    def write(jobs: list[Job]) -> None:
        for job in jobs:
            job.done = True

    batch: Batch[Job] = Batch(write)
    for comes_after_s in (0, LEAST_S / 2, LEAST_S * 2):
        now[0] += comes_after_s
        batch.do(Job())
    assert slept == pytest.approx([0, LEAST_S / 2, 0])


def test_what_is_left_is_written_in_the_next_turn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = list[float]()
    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: 100.0, sleep=slept.append))
    turns = list[list[Job]]()

    def write(jobs: list[Job]) -> None:
        turns.append(jobs)
        jobs[0].done = True

    batch: Batch[Job] = Batch(write)
    left = Job()
    first = Job()
    batch._waiting.append(left)
    batch.do(first)
    assert turns == [[left, first], [first]]
    assert slept == [0, 0]
