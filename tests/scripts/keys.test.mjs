import assert from "node:assert/strict"
import { test } from "node:test"
import { keyOf, meaningOf } from "../../static/js/core/keymap.js"

const button = (key) => ({ dataset: { key } })

test("a key counts alone, in either case", () => {
  assert.equal(keyOf({ key: "N" }), "n")
  for (const held of ["ctrlKey", "altKey", "metaKey", "repeat", "isComposing"]) assert.equal(keyOf({ key: "n", [held]: true }), null, held)
})

test("a key is the list, a view, or a button in sight", () => {
  const buttons = [button("n"), button("h")]
  assert.deepEqual(meaningOf("?", buttons), { list: true })
  assert.equal(meaningOf("a", buttons).view[0], "v-agenda")
  assert.equal(meaningOf("h", buttons).button, buttons[1])
  assert.equal(meaningOf("x", buttons), null)
  assert.equal(meaningOf("constructor", buttons), null)
})
