"""A server's time."""

from __future__ import annotations

import pytest

from ementor.clock import Steady


@pytest.mark.parametrize(
    ("stepped_s", "shown_s"),
    [(-3600.0, 10.0), (-3.0, 10.0), (0.0, 10.0), (3600.0, 3610.0)],
)
def test_f22_time_goes_on_when_the_clock_is_set(stepped_s: float, shown_s: float) -> None:
    wall, monotonic = [1000.0], [50.0]
    now_s = Steady(lambda: wall[0], lambda: monotonic[0])
    wall[0], monotonic[0] = 1010.0 + stepped_s, 60.0
    assert now_s() == pytest.approx(1000.0 + shown_s)
    wall[0], monotonic[0] = wall[0] + 5, 65.0
    assert now_s() == pytest.approx(1000.0 + shown_s + 5)


def test_f22_after_a_sleep_the_time_is_the_clocks() -> None:
    wall, monotonic = [1000.0], [50.0]
    now_s = Steady(lambda: wall[0], lambda: monotonic[0])
    wall[0] = 4600.0  # a sleeping machine's monotonic clock stands still
    assert now_s() == pytest.approx(4600.0)
