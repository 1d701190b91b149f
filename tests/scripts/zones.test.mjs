import assert from "node:assert/strict"
import { test } from "node:test"
import { localTime, ownTime } from "../../static/js/core/zones.js"

const en = { lang: "en", hour: "HH:mm" }
const at = new Date("2026-11-10T22:30:00Z")

test("a time is written as the server writes it in each language", () => {
  assert.equal(localTime(new Date("2026-11-10T07:05:00Z"), "Europe/Helsinki", en).time, "09:05")
  assert.equal(localTime(new Date("2026-11-10T07:05:00Z"), "Europe/Helsinki", { lang: "fi", hour: "H.mm" }).time, "9.05")
  assert.equal(localTime(new Date("2026-11-10T22:05:00Z"), "Europe/Helsinki", { lang: "sv", hour: "H.mm" }).time, "0.05", "midnight is no 24")
  assert.equal(localTime(new Date("2026-11-10T07:05:00Z"), "Europe/Helsinki", { lang: "nb", hour: "HH:mm" }).time, "09:05")
})

test("one's own time is shown where it differs, with its day where that differs too", () => {
  assert.equal(ownTime(at, "Europe/Helsinki", "Europe/Mariehamn", en), "")
  assert.equal(ownTime(new Date("2026-11-10T07:00:00Z"), "Europe/Helsinki", "Europe/Stockholm", en), "08:00")
  assert.equal(ownTime(at, "Europe/Helsinki", "Europe/Stockholm", en), "Tue 23:30")
})
