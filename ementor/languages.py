"""The languages of the pages. A further one needs a catalog, and a line here.

``make translate ARGS=nb`` begins a catalog. What has no translation is shown in English, the language of
the source. Search finds words of a language without a dictionary (``archive/search/words.py``) as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "en"


@dataclass(frozen=True)
class Language:
    """A language by its own name, and how it writes days and hours, in the patterns of CLDR.

    ``tag`` names it in documents, with the country whose spelling is checked.
    """

    code: str
    name: str
    tag: str
    hour: str = "HH:mm"
    day: str = "d MMMM y"
    short_day: str = "d MMM"
    short_day_and_year: str = "d MMM y"
    day_name: str = "EEE"
    day_and: str = "EEE d MMM, "
    """What stands before the time of day."""
    weekday: str = "EEEE d MMMM"
    full_day: str = "EEEE d MMMM y"


LANGUAGES = {
    language.code: language
    for language in (
        Language(
            "fi",
            "Suomi",
            "fi-FI",
            hour="H.mm",
            day="d. MMMM y",
            short_day="d.M.",
            short_day_and_year="d.M.y",
            day_name="ccc",
            day_and="ccc d.M. 'klo' ",
            weekday="cccc'na' d.M.",
            full_day="cccc d.M.y",
        ),
        Language(
            "sv",
            "Svenska",
            "sv-FI",
            hour="H.mm",
            short_day="d.M",
            short_day_and_year="d.M.y",
            day_and="EEE d.M 'kl.' ",
        ),
        Language("en", "English", "en-GB"),
    )
}


def version_in(text: Mapping[str, str], locale: str) -> str:
    """Return ``text`` in ``locale``: its version there, else what somebody wrote themselves, else English.

    The only reader of texts in several languages: one that was added later has no version in the texts
    of ready agendas and old records.
    """
    for version in (locale, "", SOURCE):
        if said := text.get(version):
            return said
    return next(filter(None, text.values()), "")
