"""The HTML file of a record: opened where there is no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.support.browsers import assert_accessible, assert_no_sideways_scrolling


def test_the_file_stands_alone_on_a_phone(open_room: Any, server: Any, tmp_path: Path) -> None:
    ada = open_room("Ada", viewport=(320, 640), locale="fi")
    meeting_id = server.house.person("Ada").meeting_id
    client = server.client_for("Ada", locale="fi")
    assert client.post("/language", data={"locale": "fi", "next": "/"}).status_code in {302, 303}
    title = '<img src=x onerror="alert(1)"> =cmd 💚 لقاء ' + "pitkä" * 20
    fields = {"item": "1", "mode": "open", "title": title[:100], "minutes": "5"}
    for press in ({"press": "start"}, {"press": "change_item", **fields}, {"press": "end"}):
        assert client.post(f"/m/{meeting_id}/press", data=press).status_code == 303
    ada.goto(f"{server.url}/m/{meeting_id}")
    with ada.expect_download() as taken:
        ada.evaluate("address => location.assign(address)", f"/m/{meeting_id}/record.html")
    assert taken.value.suggested_filename.endswith(".html")
    taken.value.save_as(tmp_path / "record.html")
    expect(ada.locator("html")).to_have_attribute("lang", "fi")
    shown = [text.strip() for text in ada.locator("#record section h2").all_inner_texts()]
    assert len(shown) >= 2

    alone = open_room.context(viewport=(320, 640), offline=True).new_page()
    alone.goto((tmp_path / "record.html").as_uri())
    expect(alone.locator("html")).to_have_attribute("lang", "fi")
    expect(alone.get_by_role("heading", level=1)).to_have_text(ada.locator("h1").inner_text())
    found = alone.get_by_role("heading", level=2).all_inner_texts()
    assert found == [text for text in shown if text in found]
    assert "Tapaamisen kulku" in found
    expect(alone.get_by_role("listitem").first).to_contain_text('<img src=x onerror="alert(1)"> =cmd 💚')
    assert alone.locator("img, script, iframe, object").count() == 0
    assert alone.evaluate("getComputedStyle(document.body).maxWidth") == "672px"  # its own style is let in
    assert_no_sideways_scrolling(alone)
    alone.set_content(alone.content())
    assert_accessible(alone)
