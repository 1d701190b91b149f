"""Every table that names a person belongs to one feature's ``Personal``, so nobody is forgotten in any."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from flask import Flask
from sqlalchemy import Table

from ementor.accounts.personal import ALL
from ementor.database import Base


def names_a_person(table: Table) -> bool:
    return any(key.column.table.name == "user" for key in table.foreign_keys)


def test_every_table_that_names_a_person_belongs_to_one_feature(app: Flask) -> None:
    named = {table.name for table in Base.metadata.tables.values() if names_a_person(table)}
    assert len(named) > 15
    assert Counter(name for personal in ALL for name in personal.tables) == Counter(named)


def test_each_feature_speaks_for_itself_once(app: Flask) -> None:
    keys = [personal.key for personal in ALL]
    assert len(keys) == len(set(keys)) > 5


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import socket
import gevent
from ementor.accounts import personal
personal.AT_ONCE_S = 0
said, asked = [], socket.socketpair()

def answer():
    while asked[1].recv(1):
        said.append("answer")

gevent.spawn(answer)
gevent.sleep(0.01)
for row in personal.at_leisure(range(40)):
    asked[0].send(b"?")
    said.append(row)
print(said.index("answer"))
"""


def test_between_the_rows_of_an_export_others_are_heard() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["1"], done.stderr
