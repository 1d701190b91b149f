"""Token buckets: how much of something, at once and in the long run."""

from __future__ import annotations


class Bucket:
    """Holds ``burst`` at most and is refilled by ``per_s``; time is an argument, in seconds."""

    __slots__ = ("at", "burst", "left", "per_s")

    def __init__(self, burst: float, per_s: float, now: float) -> None:
        self.burst, self.per_s = burst, per_s
        self.left, self.at = float(burst), now

    def take(self, amount: float, now: float) -> bool:
        """Take ``amount``, which may leave a debt; tell whether there was that much."""
        self.left = min(float(self.burst), self.left + (now - self.at) * self.per_s) - amount
        self.at = now
        return self.left >= 0
