"""Token buckets: how much of something at once, and how much in the long run. Time is an argument."""

from __future__ import annotations

from collections.abc import Hashable
from heapq import nsmallest
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
MOST = 10_000


class Bucket:
    """Holds ``burst`` at most and is refilled by ``per_s`` a second."""

    __slots__ = ("at", "left")

    def __init__(self, burst: float, now: float) -> None:
        self.left, self.at = burst, now

    def take(self, amount: float, now: float, *, burst: float, per_s: float, owes: bool = True) -> bool:
        """Tell whether there is ``amount``, and take it; what is not there only from who ``owes``."""
        self.left = min(burst, self.left + (now - self.at) * per_s)
        self.at = now
        enough = self.left >= amount
        if enough or owes:
            self.left -= amount
        return enough


class Buckets(Generic[K]):
    """A bucket for each key. Of ``most`` the full ones are forgotten, and at least the fuller half."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._all: dict[K, Bucket] = {}

    def of(self, key: K, now: float, *, burst: float, per_s: float) -> Bucket:
        """Return the bucket of ``key``, which begins full."""
        bucket = self._all.get(key)
        if bucket is None:
            if len(self._all) >= self._most:
                self._forget_fullest(now, burst, per_s)
            bucket = self._all[key] = Bucket(burst, now)
        return bucket

    def take(
        self, key: K, amount: float, now: float, *, burst: float, per_s: float, owes: bool = False
    ) -> bool:
        """Do as the bucket of ``key`` does; who is refused owes nothing."""
        bucket = self.of(key, now, burst=burst, per_s=per_s)
        return bucket.take(amount, now, burst=burst, per_s=per_s, owes=owes)

    def forget(self, key: K) -> None:
        self._all.pop(key, None)

    def _forget_fullest(self, now: float, burst: float, per_s: float) -> None:
        def left(key: K) -> float:
            one = self._all[key]
            return one.left + (now - one.at) * per_s

        # Memory is bounded whatever happens, and a crowd does not make anybody's who floods full again.
        emptiest = nsmallest(self._most // 2, self._all, key=left)
        self._all = {key: self._all[key] for key in emptiest if left(key) < burst}

    def __len__(self) -> int:
        return len(self._all)
