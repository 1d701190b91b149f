import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import { LogPosition, Outbox } from "../../static/js/notes/delivery.js"
import { asBytes, asText, keepUnsent, unsentOf } from "../../static/js/notes/unsent.js"

const edits = (many, size = 1) => Array.from({ length: many }, (_, at) => new Uint8Array(size).fill(at))

test("edits travel together, one batch at a time", () => {
  const outbox = new Outbox()
  assert.equal(outbox.take(), null)
  outbox.add(edits(3))
  assert.equal(outbox.take().length, 3)
  outbox.add(edits(2))
  assert.equal(outbox.take(), null, "one is on its way")
  outbox.acknowledge()
  assert.equal(outbox.take().length, 2)
  outbox.acknowledge()
  assert.ok(outbox.isEmpty)
})

test("a batch has its largest number of edits and of bytes, and one that is larger goes alone", () => {
  const many = new Outbox()
  many.add(edits(401))
  assert.equal(many.take().length, 400)
  const large = new Outbox()
  large.add([...edits(1, 200 * 1024), ...edits(3, 50 * 1024)])
  const sizes = []
  for (let batch; (batch = large.take()); large.acknowledge()) sizes.push(batch.length)
  assert.deepEqual(sizes, [1, 2, 1])
})

test("what was on its way when the connection was lost is sent again, first and in order", () => {
  const outbox = new Outbox()
  const [a, b, c] = edits(3)
  outbox.add([a, b])
  outbox.take()
  outbox.add([c])
  assert.deepEqual(outbox.all(), [a, b, c])
  outbox.retract()
  assert.deepEqual(outbox.take(), [a, b, c])
})

test("a refused edit is found by halving, and its placeholder alone does not make batches longer", () => {
  const outbox = new Outbox()
  outbox.add(edits(8))
  const refused = outbox.waiting[0]
  for (const many of [8, 4, 2]) {
    assert.equal(outbox.take().length, many)
    outbox.retract()
    outbox.halve(many)
  }
  assert.deepEqual(outbox.take(), [refused])
  outbox.retract()
  assert.equal(outbox.shift(), refused)
  outbox.unshift(new Uint8Array([0]))
  outbox.take()
  outbox.acknowledge()
  assert.equal(outbox.take().length, 1)
  outbox.acknowledge()
  assert.equal(outbox.take().length, 2)
})

test("the log is known up to the first update that is missing", () => {
  const log = new LogPosition()
  log.reset(4)
  log.hear(6)
  assert.deepEqual([log.seen, log.hasGap], [4, true])
  log.hear(5)
  assert.deepEqual([log.seen, log.hasGap], [6, false])
  log.hear(2)
  assert.deepEqual([log.seen, log.hasGap], [6, false], "an old one")
  for (const number of [8, 11]) log.hear(number)
  log.reset(10)
  assert.deepEqual([log.seen, log.hasGap], [11, false], "the handshake brings what was missing")
})

beforeEach(() => {
  const kept = new Map()
  globalThis.window = {
    sessionStorage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, text) => kept.set(key, text),
      removeItem: (key) => kept.delete(key),
    },
  }
})

test("unsent edits come back as they were", () => {
  const all = new Uint8Array(20_000).map((_, at) => at)
  assert.deepEqual(asBytes(asText(all)), all)
  keepUnsent("k", [all, new Uint8Array()])
  assert.deepEqual(unsentOf("k"), [all, new Uint8Array()])
  keepUnsent("k", [])
  assert.equal(window.sessionStorage.getItem("k"), null)
  assert.deepEqual(unsentOf("k"), [])
})

test("without storage nothing is kept, and nothing breaks", () => {
  globalThis.window = { get sessionStorage() { throw new Error("denied") } }
  keepUnsent("k", [new Uint8Array([1])])
  assert.deepEqual(unsentOf("k"), [])
})
