"""What stands in a face: what a reader takes for one or two letters."""

from __future__ import annotations

import pytest

from ementor.accounts.services import initials

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
WAVE = "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
FINLAND = "\N{REGIONAL INDICATOR SYMBOL LETTER F}\N{REGIONAL INDICATOR SYMBOL LETTER I}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ada", "AD"),
        ("ada lovelace", "AL"),
        ("Ada von der Lind", "AL"),
        ("Ada \N{SPARKLES}", "AD"),
        (f"{FAMILY} Mia", "MI"),
        (FAMILY, FAMILY),
        (f"{WAVE}{FINLAND}{FAMILY}", f"{WAVE}{FINLAND}"),
        ("x\u030cenia", "X\u030cE"),
        ("\u0e01\u0e34\u0e19 \u0e14\u0e35", "\u0e01\u0e34\u0e14\u0e35"),
        ("ßara", "SS"),
        ("?", "?"),
    ],
)
def test_a_letter_is_whole(name: str, said: str) -> None:
    assert initials(name) == said
