// The clock: drawn once a second from the instants in #clock-data and the server's time. No message is sent while it
// runs. All that the morph may take away is drawn again at once after each swap.

import { now, room, wake, words } from "../core/clock.js"
import { find, put } from "../core/dom.js"
import { deviceStorage } from "../core/storage.js"
import { announce, signalAt } from "./announce.js"
import { SOON_S, countDown, elapsed, fill, mmss, number, roughly } from "./countdown.js"
import { drawOffers, drawTimes } from "./schedule.js"
import { drawTab } from "./tab.js"

const ring = find("ring")
const arc = ring.querySelector(".arc")
const digits = ring.querySelector(".left")
const below = ring.querySelector(".of")

const length = (s) => s % 60 ? mmss(s) : fill(words.min, { n: s / 60 })

/** Draw all that shows the time; return how far the running second has gone. */
function draw() {
  const data = find("clock-data").dataset
  const at = now()
  const live = data.item !== undefined
  const allotted = live ? number(data.allottedS) : number(data.restS)
  const spent = live ? elapsed(data.since, data.spentS, at) : 0
  const { left, over } = countDown(allotted, spent)
  const late = live && allotted > 0 && left <= 0
  const how = live ? room.dataset.clock : "shown"
  if (live) announce(data, left, at)
  const signal = signalAt(at)
  const text = !live ? String(allotted / 60) : { hidden: "", calm: words[roughly(left)] }[how] ?? (late ? `+${mmss(over)}` : mmss(left))
  const share = allotted ? left / allotted : 0

  ring.dataset.phase = late ? "over" : live && left <= SOON_S ? "soon" : "run"
  put(digits, text)
  digits.classList.toggle("long", how === "shown" && text.length > 4)
  digits.classList.toggle("words", how === "calm")
  drawBar({ late, text: live ? text : "", share: late ? 1 : share, isTold: how !== "hidden" })
  put(below, signal ? words[signal] : how === "hidden" ? words.hidden : how === "calm" ? "" : live ? fill(late ? words.over : words.of, { time: length(allotted) }) : words.minutes)
  ring.toggleAttribute("data-signal", Boolean(signal))
  const name = late ? words.overTime : words.timeLeft
  if (ring.getAttribute("aria-label") !== name) ring.setAttribute("aria-label", name)
  if (late) drawArc(Math.min(1, over / (allotted || 1))) // it counts up calmly, round and round
  else drawArc(allotted ? Math.min(1, Math.max(0, share)) : 1, true)
  const half = find("half")
  if (half) half.hidden = !(live && data.half && left <= allotted / 2) || late

  drawTimes(data, at, live)
  drawOffers(data, at)
  drawTab(data, { live, late, text, share: how === "hidden" ? 1 : share })
  if (late && data.auto && data.since) endTurn()
  return live && data.since ? spent % 1 : 0
}

/** Draw the time of the quiet bar: there is one while the meeting is live. */
function drawBar({ late, text, share, isTold }) {
  const bar = find("bar")
  const left = find("bar-left")
  bar.toggleAttribute("data-over", late)
  bar.style.setProperty("--left", isTold ? `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)}%` : "0%")
  if (!left) return
  put(left, text)
  find("bar-late").hidden = !late
}

/** Draw this share of the ring: from its end where the rest is gone, else from its beginning. */
function drawArc(share, fromEnd = false) {
  arc.setAttribute("stroke-dasharray", fromEnd ? "1 1" : `${share.toFixed(4)} 2`)
  arc.setAttribute("stroke-dashoffset", fromEnd ? (share - 1).toFixed(4) : "0")
  arc.style.visibility = share > 0 ? "" : "hidden"
}

// Where an item goes on by itself, whoever sees zero says so, each at a moment of their own; the server looks at
// its own clock, and the first one is right. Who was early, or was not heard, says it again.
const AGAIN_MS = 3000
let said = ""

function endTurn() {
  const seen = find("seen").value
  if (said === seen) return
  said = seen
  setTimeout(() => { said = "" }, AGAIN_MS)
  setTimeout(() => {
    if (find("seen").value !== seen) return
    htmx.ajax("POST", find("press").getAttribute("action"), { source: "#press", target: "#run", swap: "outerMorph", values: { press: "time_up", seen } })
  }, 50 + Math.random() * 400)
}

// One tick a second, at the moment the shown second changes.
let timer = 0
let page = window

export function tick() {
  page.clearTimeout(timer)
  wake()
  const part = draw()
  timer = page.setTimeout(tick, 1000 - part * 1000 + 2)
}

/** Tick by the timers of a window that is in sight: those of a hidden page are throttled. */
export function tickIn(other) {
  page.clearTimeout(timer)
  page = other
  tick()
}

room.addEventListener("room:shown", tick)
room.addEventListener("room:clock", tick)
document.addEventListener("visibilitychange", () => document.hidden || tick())

// How the time left is told is each person's own: shown in digits, calm in words, or hidden. This device remembers.
export function tellTime(how) {
  room.dataset.clock = ["calm", "hidden"].includes(how) ? how : "shown"
  tick()
}

addEventListener("storage", ({ key, newValue }) => key === "clock" && tellTime(newValue))
tellTime(deviceStorage.read("clock"))
