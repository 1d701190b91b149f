import assert from "node:assert/strict"
import { test } from "node:test"
import { mergeAnswer, versionOf, versionsOf } from "../../static/js/writing/texts.js"

test("a version is the bytes of a text and their checksum, as ementor/texts.py has it", () => {
  assert.equal(versionOf("123456789"), "9-cbf43926")
  assert.equal(versionOf("yö"), "3-66b418f9")
  assert.equal(versionOf(""), "0-00000000")
})

test("the server may have trimmed a text at its end, or at both", () => {
  assert.deepEqual(versionsOf(" a \n"), [versionOf(" a"), versionOf("a")])
})

test("an answer that keeps what was sent changes nothing", () => {
  assert.equal(mergeAnswer("mine", " mine \n", " mine \n and more"), null)
  assert.equal(mergeAnswer(" mine", " mine \n", " mine"), null)
})

test("what was typed meanwhile stands where the sent text does in the answer", () => {
  assert.deepEqual(mergeAnswer("theirs\n\nmine", "mine", "mine and more"), { merged: "theirs\n\nmine and more", moved: 8 })
  assert.equal(mergeAnswer("mine\n\nmine", "mine", "mine too").merged, "mine\n\nmine too", "the last one is ours")
})

test("an answer without the sent text comes before what was typed meanwhile", () => {
  assert.deepEqual(mergeAnswer("theirs", "mine", "mine and more"), { merged: "theirs\n\nmine and more", moved: 0 })
  assert.deepEqual(mergeAnswer("theirs", "mine", "mine"), { merged: "theirs", moved: 0 })
})
