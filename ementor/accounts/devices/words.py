"""Words that two devices show to be told together: plain ones of nature, at least 64 in each language.

They are no translations of each other: both devices show the word in the language of the first.
"""

from __future__ import annotations

import secrets

from ementor.languages import SOURCE

_LISTS = {
    "fi": (
        "ahven haapa halla hauki helmi hiekka hilla huurre ilves järvi kaisla kajava kallio kanerva "
        "karhu karpalo kaste kataja kaura kettu kielo kivi koivu korppi kuikka kukka kurki kuusi "
        "kuutamo käpy lahti lehmus lehti lintu lokki lumi lumme luoto lähde mansikka meri metsä "
        "mustikka mäki mänty niemi niitty norppa ohra omena orava orvokki pihlaja pilvi pääsky ranta "
        "ruis saari sammal sarka susi tammi tuuli vaahtera vuokko"
    ),
    "sv": (
        "abborre alm ask backe berg björk björn blad blomma blåbär dagg dal ek eld falk fjäll flod fors "
        "frost fågel gran gren grotta gryning hagel hare hav hjort humla igelkott jordgubbe klippa "
        "klöver kulle lax lilja ljung lingon lönn mossa måne mås nejlika näckros ros räv råg rönn sand "
        "sjö skog skata slända smultron snö sol sten storm strand svan säl tall tistel trana uggla vind "
        "viol våg äng öring"
    ),
    "en": (
        "acorn alder apple ash aspen badger bay beach bear berry birch breeze brook canyon cedar cloud "
        "clover coral crane creek daisy dawn deer dove eagle elm falcon feather fern field forest fox "
        "frost garden goose harbour hawk hazel heron hill holly island ivy juniper lake leaf lily maple "
        "meadow moon moss oak otter owl pebble pine plum rain raven reed river robin rose seal sparrow "
        "spruce stone swan tulip willow"
    ),
}

WORDS = {locale: words.split() for locale, words in _LISTS.items()}


def pick(locale: str) -> str:
    """Return a word with its language before it, as it is kept: "fi lumme"; English where it has none."""
    locale = locale if locale in WORDS else SOURCE
    return f"{locale} {secrets.choice(WORDS[locale])}"
