"""What the page of results says of them."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from ementor.archive.search.services import MINE, OURS, Results


def counted(results: Results) -> str:
    """Return how many hits there are; on one of several pages, how many meetings."""
    if results.pages > 1:
        return str(ngettext("%(num)d meeting", "%(num)d meetings", results.found.meetings))
    return str(ngettext("%(num)d result", "%(num)d results", results.found.count))


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
        return str(gettext("Enter a word to search for"))
    if results.found.meetings:
        return str(gettext("There are no more results"))
    if not results.elsewhere.hits:
        return str(gettext("No results: %(words)s", words=results.asked.q))
    whose = {
        MINE: gettext("No results in your own texts"),
        OURS: gettext("No results in the group's texts"),
        "": gettext("No results in these meetings"),
    }
    return str(whose[results.asked.whose])


def lead(results: Results) -> str:
    """Return what there is instead."""
    if not results.has_words:
        return str(gettext("Punctuation alone isn't enough to search for. The beginning of a word is."))
    if results.elsewhere.hits:
        return str(
            ngettext(
                "Searching all your notes gives results from one meeting.",
                "Searching all your notes gives results from %(num)d meetings.",
                results.elsewhere.meetings,
            )
        )
    if results.found.meetings or results.tries:
        return ""
    if len(results.asked.q.split()) == 1:
        return str(gettext("Try another word, or just the beginning of one."))
    return str(
        gettext("All the words have to be in the notes of the same meeting. Try fewer words, or other ones.")
    )
