"""The tests' own servers: private, and there again after a kill with what they held."""

from __future__ import annotations

import psycopg

from tests.support.servers import Postgres, Redis


def test_postgres_keeps_what_was_committed_when_it_is_killed(postgres: Postgres) -> None:
    postgres.do("CREATE DATABASE kept")
    postgres.kill()
    assert not postgres.ready()
    postgres.start()
    with psycopg.connect(postgres.url("kept")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres.do("DROP DATABASE kept")


def test_redis_is_back_on_the_same_port(redis: Redis) -> None:
    url = redis.url
    redis.kill()
    assert not redis.ready()
    redis.start()
    assert redis.ready()
    assert redis.url == url
