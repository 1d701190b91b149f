import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

let wire
globalThis.location = { origin: "http://here" }
globalThis.WebSocket = class {
  sent = []
  constructor() { wire = this }
  send(data) { this.sent.push(data) }
  close() { this.closed = true }
}
const { Socket } = await import("../../static/js/core/socket.js")

const OPENED = `0${JSON.stringify({ pingInterval: 15_000, pingTimeout: 5000 })}`
let socket, why

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ["setTimeout"] })
  socket = new Socket({ auth: {}, least: 500, most: 8000, timeout: 8000 })
  socket.on("disconnect", (reason) => { why = reason })
  why = undefined
  wire.onmessage({ data: OPENED })
  wire.onmessage({ data: `40${JSON.stringify({ sid: "s" })}` })
})

test("any message shows that the server is there", () => {
  for (const data of ["2", `42${JSON.stringify(["changed", { number: 1 }])}`, "451-[\"x\",{\"_placeholder\":true,\"num\":0}]", new ArrayBuffer(1)]) {
    mock.timers.tick(19_000)
    wire.onmessage({ data })
    assert.ok(socket.connected)
  }
  mock.timers.tick(19_000)
  assert.ok(socket.connected)
})

test("the line is lost when nothing comes for as long as the server said", () => {
  const lost = wire
  mock.timers.tick(20_000)
  assert.equal(why, "ping timeout")
  assert.ok(lost.closed)
})

test("a ping is answered", () => {
  wire.onmessage({ data: "2" })
  assert.equal(wire.sent.at(-1), "3")
})
