"""Token buckets."""

from __future__ import annotations

from functools import partial

from ementor.rate import Bucket, Buckets

LIMIT = {"burst": 10, "per_s": 2}


def test_a_bucket_is_refilled_and_holds_no_more_than_its_burst() -> None:
    take = partial(Bucket(10, 0).take, **LIMIT)
    assert take(10, 0)
    assert not take(1, 0)  # and owes one
    assert not take(1, 0.9)
    assert take(1, 2)
    assert [take(10, 100), take(1, 100)] == [True, False]


def test_who_is_refused_owes_nothing_unless_the_rule_says_so() -> None:
    buckets = Buckets[str]()
    assert buckets.take("Ada", 8, 0, **LIMIT)
    assert not any(buckets.take("Ada", 8, 0, **LIMIT) for _ in range(5))
    assert buckets.take("Ada", 2, 0, **LIMIT)
    assert buckets.take("Ben", 10, 0, **LIMIT)
    assert not buckets.take("Ben", 20, 0, owes=True, **LIMIT)
    assert not buckets.take("Ben", 1, 10, **LIMIT)
    assert buckets.take("Ben", 1, 10.5, **LIMIT)


def test_those_that_are_full_again_are_forgotten_and_no_others() -> None:
    buckets = Buckets[int](most=5)
    for key in range(5):
        buckets.take(key, 10 if key == 4 else 2, 0, **LIMIT)
    buckets.take(5, 1, 1, **LIMIT)
    assert len(buckets) == 2
    assert not buckets.take(4, 3, 1, **LIMIT)
    for key in range(100):
        buckets.take(key, 10, 1, **LIMIT)  # a crowd that spends all it has
        assert len(buckets) <= 5


def test_who_has_spent_most_is_not_forgotten_for_a_crowd() -> None:
    buckets = Buckets[int](most=10)
    assert not buckets.take(-1, 100, 0, owes=True, **LIMIT)
    for key in range(100):
        buckets.take(key, 5, 0, **LIMIT)
        assert len(buckets) <= 10
    assert not buckets.take(-1, 1, 1, **LIMIT)
