import assert from "node:assert/strict"
import { test } from "node:test"
import { countDown, elapsed, fill, mmss, passed, roughly } from "../../static/js/turn/countdown.js"

const at = Date.parse("2026-11-30T10:00:30Z")

test("a clock has spent what it had, and what has passed since it was started", () => {
  assert.equal(elapsed("2026-11-30T10:00:00Z", "12", at), 42)
  assert.equal(elapsed("", "12", at), 12)
  assert.equal(elapsed(undefined, undefined, at), 0)
  assert.equal(elapsed("2026-11-30T10:00:31Z", "0", at), 0, "one that starts later has not gone back")
})

test("what is left is rounded up, so that zero means zero", () => {
  assert.deepEqual(countDown(60, 0), { left: 60, over: 0 })
  assert.deepEqual(countDown(60, 59.1), { left: 1, over: 0 })
  assert.ok(countDown(60, 60).left === 0)
  assert.deepEqual(countDown(60, 61.2), { left: -1, over: 1 })
})

test("a timer that woke a millisecond early shows the second that has come", () => {
  assert.equal(countDown(60, 0.999).left, 59)
  assert.equal(countDown(60, 60.999).over, 1)
})

test("times are written with minutes and seconds", () => {
  assert.deepEqual([0, 9, 60, 605, 3600].map(mmss), ["0:00", "0:09", "1:00", "10:05", "60:00"])
})

test("about how much is left has words from much to none", () => {
  const words = [301, 300, 91, 90, 31, 30, 1, 0, -5].map(roughly)
  assert.deepEqual(words, ["plenty", "fewMinutes", "fewMinutes", "aboutMinute", "aboutMinute", "soon", "soon", "zero", "zero"])
})

test("a mark is passed once, and of several the last one counts", () => {
  const marks = [["halftime", 300], ["minute", 60], ["zero", 0]]
  assert.equal(passed(marks, 61, 60), "minute")
  assert.equal(passed(marks, 60, 59), undefined)
  assert.equal(passed(marks, 400, -2), "zero", "a machine that slept")
  assert.equal(passed([["halftime", undefined]], 400, 0), undefined, "an item without a half")
})

test("a pattern gets its values", () => {
  assert.equal(fill("{n} of {all}", { n: 2, all: 5 }), "2 of 5")
})
