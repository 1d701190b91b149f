import assert from "node:assert/strict"
import { test } from "node:test"
import { measureOffset, offsetOf } from "../../static/js/core/pings.js"

test("the quickest quarter of pings decides, by its median", () => {
  const slow = [40, 60, 80, 90, 100, 120].map((took) => ({ took, offset: 9000 + took }))
  assert.equal(offsetOf([...slow, { took: 3, offset: 1010 }, { took: 2, offset: 1000 }]), 1005)
})

test("of few pings the quickest decides", () => {
  assert.equal(offsetOf([{ took: 9, offset: 70 }]), 70)
  assert.equal(offsetOf([]), null)
})

test("an answer tells the time of the middle of its way", async ({ mock }) => {
  let time = 0
  mock.method(performance, "now", () => (time += 10))
  mock.method(globalThis, "setTimeout", queueMicrotask)
  assert.equal(await measureOffset(async () => ({ ok: true, now_ms: time + 5 + 3_000_000 })), 3_000_000)
  assert.equal(await measureOffset(async () => ({ ok: false })), null)
})
