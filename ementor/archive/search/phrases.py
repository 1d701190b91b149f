"""What the page of results says of them."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from ementor.archive.search.services import MINE, OURS, Results


def counted(results: Results) -> str:
    """Return how many hits there are; on one of several pages, how many meetings."""
    if results.pages > 1:
        return str(ngettext("%(num)d meeting", "%(num)d meetings", results.found.meetings))
    return str(ngettext("%(num)d hit", "%(num)d hits", results.found.count))


def counted_in(results: Results) -> str:
    """Return where they are, and in which order."""
    if results.pages > 1:
        page, pages = results.asked.page, results.pages
        return str(gettext("newest first, page %(page)d of %(pages)d", page=page, pages=pages))
    meetings = results.found.meetings
    return str(ngettext("in one meeting", "in %(num)d meetings, newest first", meetings))


def headline(results: Results) -> str:
    """Return what is said when nothing is found."""
    if not results.has_words:
        return str(gettext("Write a word to search for"))
    if results.found.meetings:
        return str(gettext("There are no more hits"))
    if not results.elsewhere.hits:
        return str(gettext("Nothing found: %(words)s", words=results.asked.q))
    whose = {
        MINE: gettext("Not found in your own words"),
        OURS: gettext("Not found in the group's words"),
        "": gettext("Not found in these meetings"),
    }
    return str(whose[results.asked.whose])


def lead(results: Results) -> str:
    """Return what there is instead."""
    if not results.has_words:
        return str(gettext("Signs alone find nothing. The beginning of a word is enough."))
    if results.elsewhere.hits:
        return str(
            ngettext(
                "All your notes have hits in one meeting.",
                "All your notes have hits in %(num)d meetings.",
                results.elsewhere.meetings,
            )
        )
    if results.found.meetings or results.tries:
        return ""
    if len(results.asked.q.split()) == 1:
        return str(gettext("Try another word, or only the beginning of it."))
    return str(gettext("All your words have to be in the notes of one meeting. Try fewer, or others."))
