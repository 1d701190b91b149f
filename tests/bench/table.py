"""The table that the benchmark ends with: each figure beside what it was, and what is aimed at."""

from __future__ import annotations

from collections.abc import Callable

FIRST = "first version, 30 Nov 2026"
HEAD = ("of a room of eight", FIRST, "now", "aim")
ROWS = {
    "key": ("a keystroke alone: checked, kept, sent to seven, acknowledged",
            "5.6–6.8 ms, 10 statements", "≤ 1.2 ms"),
    "key at 200": ("a keystroke in all at 200 rooms", "", "≤ 0.4 ms"),
    "delivery 40": ("a delivery at 40 documents", "609 µs; Hocuspocus 90", "≤ 1.0 × Hocuspocus"),
    "delivery 200": ("a delivery at 200 documents", "", "≤ 1.0 × Hocuspocus"),
    "delivery 400": ("a delivery at 400 documents", "did not end", "≤ 1.0 × Hocuspocus"),
    "place": ("a cursor's place", "3.4–4.0 ms, 5 statements", "≤ 0.4 ms"),
    "beat": ("a heartbeat", "3.0–3.8 ms, 6 statements", "≤ 0.3 ms"),
    "press": ("a press and all eight screens", "35–45 ms, 66 statements", "≤ 8 ms"),
    "idle": ("idle, per open room and second", "0.4–0.5 ms", "≤ 0.05 ms"),
    "idle long": ("idle, with one long document", "5.8 ms", "the same"),
    "load": ("our own load, per room and second", "10.1 ms", "≤ 1.25 ms"),
    "memory": ("memory per person at 200 rooms", "100–147 KB", "≤ 50 KB"),
    "stall": ("the longest that the loop stands still under load", "", "≤ 20 ms"),
    "p99": ("p99 press → everyone at 200 rooms", "225–600 ms", "< 100 ms"),
    "two": ("two processes on PostgreSQL against one", "", "≥ 1.7 times"),
    "opening": ("opening 100 000 edits of writers who never saw each other", "11.4 s", "≤ 1 s"),
    "opening waits": ("what others wait meanwhile", "11.4 s", "≤ 50 ms"),
    "page": ("the room with 12 people and 40 items: the page", "128 KB", "≤ 40 KB"),
    "wire": ("all that its first load brings", "289 KB", "≤ 150 KB"),
    "reflection": ("how often /reflection is fetched", "", "once"),
}  # fmt: skip


class Table:
    """Collects the figures; each part of the benchmark puts its own."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._now: dict[str, str] = {}

    def put(self, row: str, figure: str) -> None:
        assert row in ROWS, row
        self._now[row] = figure

    def print(self) -> None:
        """Print the rows that were measured."""
        self.say("\n| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
        for row, (what, first, aim) in ROWS.items():
            if row in self._now:
                self.say(f"| {what} | {first or '–'} | {self._now[row]} | {aim} |")
