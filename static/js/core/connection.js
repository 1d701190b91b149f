// The connection to the room: one socket. Its messages carry numbers, and the room's part; what the page lacks all the
// same, the page fetches.

import { room, setClock, words } from "./clock.js"
import { has, shown, take } from "./part.js"
import { measureOffset, sleep } from "./pings.js"
import { renew } from "./request.js"
import { Socket } from "./socket.js"

const BEAT_MS = 20_000
const ANSWER_MS = 8000
const MEASURE_MS = 5 * 60_000
const WAKE_MS = 1000 // a connection that survived a sleep answers within it
const BEHIND_MS = 2000
const AGAIN_MS = 1000

export const meeting = Number(room.dataset.meeting)
export const socket = new Socket({ auth: { token: room.dataset.token }, least: 500, most: 8000, timeout: ANSWER_MS })

const line = document.querySelector("#line")
const say = (name, detail) => room.dispatchEvent(new CustomEvent(name, { detail }))

// The server's clock: see clock.js.
let measured = -Infinity
let measuring = false

async function measure() {
  if (measuring || !socket.connected) return
  measuring = true
  try {
    const offset = await measureOffset(() => socket.timeout(ANSWER_MS).emitWithAck("clock:read"))
    if (offset !== null) setClock(offset)
    measured = performance.now()
  } catch {
    // The connection was lost meanwhile: measured again when it is back.
  } finally {
    measuring = false
  }
}

room.addEventListener("room:woke", () => beat(WAKE_MS).then(measure))

// Catching up.
let newest = shown()

function catchUp(number) {
  newest = Math.max(newest, number)
  if (shown() < newest) say("room:changed")
  showState()
}

// The server pushes the part. While the agenda is edited the page needs another one, with its tools.
async function pushed({ number, html }) {
  if (number > shown() && !("editing" in room.dataset)) await take(html)
  catchUp(number)
}

// Whoever fetches the part says by which socket it might be pushed: it comes once.
document.addEventListener("htmx:config:request", ({ detail: { ctx: { request } } }) => {
  if (socket.id) request.headers["X-Socket"] = socket.id
})

// The part did not come: fetch it again, as long as it is behind.
document.addEventListener("htmx:finally:request", ({ detail }) => {
  if (detail.ctx.sourceElement?.id === "run" && joined && shown() < newest) setTimeout(catchUp, AGAIN_MS * (1 + Math.random()), 0)
})

room.addEventListener("room:shown", () => catchUp(newest))
room.addEventListener("room:behind", ({ detail }) => catchUp(detail))

// Being in the room. "Connected" is what the page can prove: the socket is in, and the newest number is shown.
let joined = false
let lost = false // once it was, the page has to prove it; one that was just opened is new enough
let trouble = 0

function connected(yes) {
  const changed = joined !== yes
  joined = yes
  room.toggleAttribute("data-joined", yes)
  lost ||= changed && !yes
  showState()
  if (changed && !yes) say("room:offline")
}

/** Say that the connection is lost: not at every blink, nor while the newest is on its way. */
function showState() {
  const good = joined && shown() >= newest
  if (good || !joined || !lost) room.dataset.connected = joined
  if (good) {
    clearTimeout(trouble)
    trouble = 0
    line.hidden = true
  } else trouble ||= setTimeout(() => {
    room.dataset.connected = false
    line.hidden = false
  }, BEHIND_MS)
}

async function join() {
  let answer
  try {
    answer = await socket.timeout(ANSWER_MS).emitWithAck("room:join", meeting, has())
  } catch {
    return again()
  }
  if (!answer.ok) return answer.error === "not_found" || answer.error === "not_allowed" ? gone() : again()
  if (answer.person !== Number(room.dataset.me)) anew()
  newest = Math.max(newest, answer.number)
  connected(true)
  say("room:online", answer)
  catchUp(newest)
  await measure()
}

/** Disconnect and reconnect, after a random delay so that a whole room does not come at once. */
async function again(most = 3000) {
  if (calling) return
  calling = true
  connected(false)
  socket.disconnect()
  await sleep(300 + Math.random() * most)
  calling = false
  socket.connect()
}

let calling = false

// Two people were merged, and this page was the other's: reload as soon as all is saved.
const anew = () => dispatchEvent(new Event("beforeunload", { cancelable: true })) ? location.reload() : setTimeout(anew, AGAIN_MS)

function gone() {
  connected(false)
  socket.disconnect()
  line.textContent = words.gone
  line.hidden = false
  leaving = true
  location.reload() // what is on the page is no longer theirs to read
}

let leaving = false
socket.on("connect", join)
socket.on("changed", ({ number }) => catchUp(number))
socket.on("run", pushed)
socket.on("mine", (told) => say("room:mine", told))
socket.on("bye", () => again(4000))
socket.on("gone", gone)
socket.on("disconnect", (why) => {
  connected(false)
  if (why === "ping timeout") renew()
})
socket.on("connect_error", () => connected(false))

async function beat(patience = ANSWER_MS) {
  if (!socket.connected) return
  try {
    const answer = await socket.timeout(patience).emitWithAck("room:beat", meeting, shown())
    if (!answer.ok) return answer.error === "not_found" ? gone() : undefined
    say("room:beat", answer)
    catchUp(answer.number)
  } catch {
    if (!socket.connected) return
    again(1000) // a connection that does not answer is lost, and others may have died with it
    renew()
  }
}

setInterval(beat, BEAT_MS)
setInterval(measure, MEASURE_MS)
document.addEventListener("request:unanswered", () => beat(2500))
document.addEventListener("resume", () => beat(WAKE_MS)) // a page that was frozen
addEventListener("offline", () => beat(2000)) // a machine without a net may still reach its own server
addEventListener("online", () => socket.connected ? beat(2000) : leaving || socket.connect())
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return
  if (!socket.connected) return leaving || socket.connect()
  beat(3000)
  if (performance.now() - measured > 10_000) measure()
})
