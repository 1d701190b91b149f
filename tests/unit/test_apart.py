"""Heavy work apart: under gevent the others go on meanwhile."""

from __future__ import annotations

import subprocess
import sys

UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent
from gevent.monkey import get_original
from ementor.apart import apart
ready, go = [], get_original("_thread", "allocate_lock")()
go.acquire()

def work(value, *, more):
    ready.append(True)
    assert go.acquire(timeout=10), "nobody else was let on"  # the system's lock: it blocks its whole thread
    return value + more

def another():
    while not ready:
        gevent.sleep(0.001)
    go.release()

gevent.spawn(another)
print(apart(work, 1, more=2))

def fails():
    raise ValueError("of the work")

try:
    apart(fails)
except ValueError as error:
    print(error)
"""


def test_under_gevent_others_go_on_while_it_works() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNDER_GEVENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split("\n")[:2] == ["3", "of the work"], done.stderr
