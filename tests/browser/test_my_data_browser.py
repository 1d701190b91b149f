"""My data in a browser: the page, the download, and the file that one reads without any network."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import check
from tests.support.browsers import Rooms
from tests.support.pages import answer, look_at

WORDS = "I ask before I answer."


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_ones_data_is_downloaded_and_read(open_room: Rooms, tmp_path: Path, locale: str) -> None:
    page = open_room("Ben", locale=locale)
    answer(page, "1", WORDS, "private")
    page.reload()
    look_at(page, "reflection")
    expect(page.locator("#reflection textarea[name=text-1]")).to_have_value(WORDS)
    page.goto(f"{open_room.server.url}/me/data")
    expect(page.locator("html")).to_have_attribute("lang", locale)
    check(page)
    with page.expect_download() as downloading:
        page.locator("main a[download]").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    with ZipFile(file) as archive:
        assert archive.namelist() == ["data.json", "data.html", "readme.txt"]
        archive.extractall(tmp_path)
    reader = open_room.context(locale=locale, offline=True).new_page()
    reader.goto((tmp_path / "data.html").as_uri())
    expect(reader.locator("html")).to_have_attribute("lang", locale)
    expect(reader.get_by_text(WORDS)).to_be_visible()
    check(reader)
