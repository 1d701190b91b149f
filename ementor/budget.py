"""Token buckets: how much of something at once, and how much in the long run."""

from __future__ import annotations


class Bucket:
    """Holds ``burst`` at most and is refilled by ``per_s`` a second; the time is an argument too."""

    __slots__ = ("at", "left")

    def __init__(self, burst: float, now: float) -> None:
        self.left, self.at = burst, now

    def take(self, amount: float, now: float, *, burst: float, per_s: float) -> bool:
        """Take ``amount``, which may leave a debt; tell whether there was that much."""
        self.left = min(burst, self.left + (now - self.at) * per_s) - amount
        self.at = now
        return self.left >= 0
