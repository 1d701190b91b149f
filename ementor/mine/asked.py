"""What somebody asks of their notes: words, a group, a time, whose; as the page's address says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

TIMES = {"month": timedelta(days=31), "half": timedelta(days=183), "year": timedelta(days=366)}
WHOSE = ("mine", "ours")
MAX_PAGE = 10_000


@dataclass(frozen=True)
class Asked:
    """What the page is narrowed to; empty is everything.

    ``page`` counts the pages of the meetings from 1, ``part`` those of the thread.
    """

    q: str = ""
    group: int | None = None
    time: str = ""
    whose: str = ""
    page: int = 1
    part: int = 1

    @property
    def narrowed(self) -> bool:
        """Tell whether anything but the words narrows what is shown."""
        return bool(self.group or self.time or self.whose)

    def holds(self, group_id: int, ended_at: datetime, now: datetime) -> bool:
        """Tell whether a meeting is of the group and the time asked for."""
        since = now - TIMES[self.time] if self.time else None
        return self.group in {None, group_id} and (since is None or ended_at >= since)

    def but(self, **changes: object) -> dict[str, Any]:
        """Return what an address says that asks the same but for some changes."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        usual = Asked()
        return {
            name: value for name, value in vars(changed).items() if value and value != getattr(usual, name)
        }


def asked(args: Mapping[str, str]) -> Asked:
    """Return what an address asks for; what it says wrongly it does not say."""
    time, whose = args.get("time", ""), args.get("whose", "")
    return Asked(
        q=args.get("q", "").strip(),
        group=_number(args, "group"),
        time=time if time in TIMES else "",
        whose=whose if whose in WHOSE else "",
        page=min(_number(args, "page") or 1, MAX_PAGE),
        part=min(_number(args, "part") or 1, MAX_PAGE),
    )


def _number(args: Mapping[str, str], name: str) -> int | None:
    text = args.get(name, "")
    return int(text) or None if re.fullmatch(r"[0-9]{1,9}", text) else None
