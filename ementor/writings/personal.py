"""What somebody wrote for themselves in the items of a meeting."""

from __future__ import annotations

from ementor.accounts.merging.rows import join
from ementor.accounts.models import User
from ementor.accounts.personal import JSON, Personal, register
from ementor.texts import both_texts
from ementor.writings.models import SharedLine, Writing


def _merge(kept: int, gone: int) -> None:
    join(Writing.user_id, kept, gone, _both)
    join(SharedLine.user_id, kept, gone)


def _both(mine: Writing, theirs: Writing) -> None:
    """Keep both texts as those of two pages are kept, so that pages of either can go on.

    The number is one that neither of them has seen.
    """
    if mine.text:
        mine.other = both_texts(mine.other, theirs.text)
    else:
        mine.text, mine.tab = theirs.text, theirs.tab
    mine.other, mine.other_tab = both_texts(mine.other, theirs.other), ""
    mine.number = max(mine.number, theirs.number) + 1
    mine.answers = {**theirs.answers, **mine.answers}


def _export(person: User) -> JSON:
    """Return what somebody wrote for themselves."""
    raise NotImplementedError


register(Personal("writings", ("writing", "writing_shared_line"), _merge, _export))
