// The clock: drawn once a second from the instants in #clock-data and the server's time. No message is sent
// while it runs. All that the morph may take away is drawn again at once after each swap.

import { now, room, words, wake } from "../core/clock.js"
import { tell } from "../core/page.js"

const me = room.dataset.me
const SOON_S = 30
const TAKE_OVER_MS = 60_000
const SHOWN_MS = 8000

const find = (id) => document.getElementById(id)
const ring = find("ring")
const arc = ring.querySelector(".arc")
const digits = ring.querySelector(".left")
const below = ring.querySelector(".of")
const status = find("status")
const icon = document.querySelector("link[rel=icon]")
const plainIcon = icon.href
const groupTitle = document.title

const timeOfDay = (() => {
  const hour = room.dataset.locale === "fi" ? "numeric" : "2-digit" // as the server writes it
  const options = { hour, minute: "2-digit", timeZone: find("clock-data").dataset.zone, hourCycle: "h23" }
  const locale = { fi: "fi", sv: "sv", en: "en-GB" }[room.dataset.locale] ?? "en-GB"
  const format = new Intl.DateTimeFormat(locale, options)
  return (ms) => format.format(ms)
})()

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
const mmss = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`
const length = (s) => s % 60 ? mmss(s) : fill(words.min, { n: s / 60 })
const number = (text) => Number(text || 0)

/** Return the seconds a clock shows: spent before, and since it was last started. */
function elapsed(since, spent, at) {
  return number(spent) + (since ? Math.max(0, at - Date.parse(since)) / 1000 : 0)
}

/** Write only what is new, so that nothing is laid out or read out again for nothing. */
function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text
}

function draw() {
  const data = find("clock-data").dataset
  const at = now()
  const live = data.item !== undefined
  const allotted = live ? number(data.allottedS) : number(data.restS)
  const spent = live ? elapsed(data.since, data.spentS, at) : 0
  // What is left is shown rounded up, so that zero means zero; a hair of slack keeps a timer that woke
  // a millisecond early from showing the second before.
  const left = Math.ceil(allotted - spent - 0.015)
  const over = live && left <= 0 ? Math.floor(spent - allotted + 0.015) : 0
  const late = live && allotted > 0 && left <= 0

  ring.dataset.phase = late ? "over" : live && left <= SOON_S ? "soon" : "run"
  if (live) announce(data, left, at)
  const how = live ? room.dataset.clock : "shown"
  const text = !live ? String(allotted / 60) : how === "hidden" ? "" : how === "calm" ? inWords(left) : late ? `+${mmss(over)}` : mmss(left)
  put(digits, text)
  digits.classList.toggle("long", how === "shown" && text.length > 4)
  digits.classList.toggle("words", how === "calm")
  put(find("to-turn"), how === "shown" && live ? text : words.turn)
  put(below, at < until ? words[signal] : how === "hidden" ? words.hidden : how === "calm" ? "" : live ? fill(late ? words.over : words.of, { time: length(allotted) }) : words.minutes)
  ring.toggleAttribute("data-signal", at < until)
  const name = late ? words.overTime : words.timeLeft
  if (ring.getAttribute("aria-label") !== name) ring.setAttribute("aria-label", name)
  if (late) { // it counts up calmly, round and round
    const turn = Math.min(1, over / (allotted || 1))
    arc.setAttribute("stroke-dasharray", `${turn.toFixed(4)} 2`)
    arc.setAttribute("stroke-dashoffset", "0")
    arc.style.visibility = turn > 0 ? "" : "hidden"
  } else {
    const gone = allotted ? Math.min(1, Math.max(0, 1 - left / allotted)) : 0
    arc.setAttribute("stroke-dasharray", "1 1")
    arc.setAttribute("stroke-dashoffset", (-gone).toFixed(4))
    arc.style.visibility = gone < 1 ? "" : "hidden"
  }

  drawPlan(data, at, live)
  drawOffers(data, at)
  drawTab(data, live, late, text, how === "hidden" ? 1 : allotted ? left / allotted : 0)
  const half = live && data.half && left <= allotted / 2
  if (find("half")) find("half").hidden = !half || late
  if (late && data.auto && data.since) goOn()
  return live && data.since ? (spent % 1) : 0
}

/** Return about how much is left, for those who find digits a hurry. */
const inWords = (left) => words[left <= 0 ? "zero" : left <= SOON_S ? "soon" : left <= 90 ? "aboutMinute" : left <= 300 ? "fewMinutes" : "plenty"]

function drawPlan(data, at, live) {
  const itemLeft = live ? Math.max(0, number(data.itemAllottedS) - elapsed(data.itemSince, data.itemSpentS, at)) : 0
  const ends = at + (itemLeft + number(data.restS)) * 1000
  if (data.phase !== "closed") put(find("ends"), timeOfDay(ends))
  const late = ends - Date.parse(data.plannedEnd)
  for (const one of document.querySelectorAll("[data-end]")) {
    const { less, most } = one.dataset
    put(one, timeOfDay(ends - (less === undefined ? Math.min(most * 1000, Math.max(0, Math.round(late / 60_000)) * 60_000) : less * 1000)))
  }
  const opens = find("opens")
  if (opens) {
    opens.hidden = data.closingS === undefined
    if (!opens.hidden) put(opens, fill(words.opens, { time: timeOfDay(ends - data.closingS * 1000) }))
  }
  if (!live) return
  const round = find("round-ends")
  if (round) put(round, ` · ${fill(words.ends, { time: timeOfDay(at + number(round.dataset.roundS) * 1000) })}`)
  put(find("item-minutes"), String(Math.floor(elapsed(data.wallSince, data.wallSpentS, at) / 60)))
  const over = Math.round(late / 60_000)
  const text = fill(words.overPlan, { n: over })
  put(find("when"), over > 0 ? text : fill(words.ends, { time: timeOfDay(ends) }))
  put(find("over"), over > 0 ? text : over < 0 ? fill(words.ahead, { n: -over }) : words.onTime)
  for (const id of ["over", "when"]) find(id)?.classList.toggle("chip", over > 0)
}

// What is offered only for a while, or only after one: the undo of the end, and taking over.
let aloneSince = null

function drawOffers(data, at) {
  const undo = find("undo-end")
  if (undo) undo.hidden = at > number(data.until)
  let offered = false // one of #offers at a time, the most urgent first
  for (const one of document.querySelectorAll("[data-from]")) {
    const { from, to } = one.dataset
    const among = one.parentElement.id === "offers"
    const was = one.hidden
    one.hidden = (among && offered) || at < Date.parse(from) || at >= Date.parse(to)
    offered ||= among && !one.hidden
    if (among && was && !one.hidden) put(status, (one.querySelector("p") ?? find("over")).textContent)
  }
  const alone = find("alone")
  if (!alone) return void (aloneSince = null)
  aloneSince ??= at
  const since = Date.parse(alone.dataset.absentSince) || aloneSince
  alone.hidden = at - since < TAKE_OVER_MS
}

// Where an item goes on by itself, whoever sees zero says so, each at a moment of their own; the server looks at
// its own clock, and the first one is right. Who was early, or was not heard, says it again.
const AGAIN_MS = 3000
let said = ""

function goOn() {
  const seen = find("seen").value
  if (said === seen) return
  said = seen
  setTimeout(() => { said = "" }, AGAIN_MS)
  setTimeout(() => {
    if (find("seen").value !== seen) return
    htmx.ajax("POST", find("press").getAttribute("action"), { source: "#press", target: "#run", swap: "outerMorph", values: { press: "time_up", seen } })
  }, 50 + Math.random() * 400)
}

// Tab title and icon carry the time, and that it is soon my turn.
let drawnIcon = ""

function drawTab(data, live, late, text, share) {
  const mine = live && data.speaker === me
  const next = live && data.next === me
  const hint = mine ? words.yourTurn : next ? words.youAreNext : data.speakerName || data.itemTitle
  document.title = live ? `${text && `${text} · `}${hint} — ${groupTitle.replace(/ — ementor$/, "")}` : groupTitle
  const colour = late ? "#b8651b" : mine ? "#1d605d" : next ? "#6b4468" : "#4f7f7b"
  const wanted = live ? `${colour} ${Math.max(0, Math.min(24, Math.ceil(share * 24)))} ${mine || next}` : ""
  if (wanted === drawnIcon) return
  drawnIcon = wanted
  icon.href = live ? iconOf(colour, late ? 1 : Math.ceil(share * 24) / 24, mine || next) : plainIcon
}

function iconOf(colour, share, marked) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><g fill="none" stroke-width="6"><circle cx="18" cy="18" r="14" stroke="${colour}" opacity=".25"/><circle cx="18" cy="18" r="14" stroke="${colour}" pathLength="1" stroke-dasharray="${share} 2" transform="rotate(-90 18 18)"/></g>${marked ? `<circle cx="18" cy="18" r="8" fill="${colour}"/>` : ""}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

// What is told once, as it happens: to those who do not see the ring by the status line, to all for a while in the
// ring, and by the chime that some have chosen (signals.js). A further mark is a line here and its words in #words.
const MARKS = [["halftime", (data) => data.half && number(data.allottedS) / 2], ["minute", () => 60], ["half", () => SOON_S], ["zero", () => 0]] // name, at how many seconds left
const SIGNALS = ["youAreNext", "yourTurn", "halftime", "minute", "zero"]
let told = null
let signal = ""
let until = 0

function announce(data, left, at) {
  const turn = `${data.item} ${data.speaker} ${data.step}`
  const next = data.next === me
  const before = told
  told = { turn, next, item: data.item, step: data.step, speaker: data.speaker, left }
  if (!before) return // whoever just came reads the page itself
  const lines = []
  const say = (name, text = words[name]) => {
    lines.push(text)
    if (!SIGNALS.includes(name)) return
    signal = name
    until = at + SHOWN_MS
    room.dispatchEvent(new CustomEvent("room:signal", { detail: name }))
  }
  if (turn !== before.turn || next !== before.next) {
    until = 0
    if (data.step !== before.step && data.stepTitle) say("step", data.stepTitle)
    if (data.speaker && data.speaker !== before.speaker) {
      if (data.speaker === me) say("yourTurn")
      else say("speaking", fill(words.speaking, { name: data.speakerName }))
    } else if (!data.speaker && data.item !== before.item) say("item", data.itemTitle)
    if (next && !before.next) say("youAreNext")
  } else if (data.since) {
    const passed = MARKS.findLast(([, seconds]) => left <= seconds(data) && before.left > seconds(data))
    if (passed) say(passed[0])
  }
  if (lines.length) put(status, lines.join(". "))
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

/** Let a window that is in sight keep the beat: a hidden page is woken up late. */
export function tickIn(other) {
  page.clearTimeout(timer)
  page = other
  tick()
}

room.addEventListener("room:shown", tick)
room.addEventListener("room:clock", tick)
document.addEventListener("visibilitychange", () => document.hidden || tick())

// How the time left is told is each person's own: shown in digits, calm in words, or hidden. This device remembers.
const kept = (name) => { try { return localStorage.getItem(name) } catch { return null } }

export function tellTime(how) {
  room.dataset.clock = ["calm", "hidden"].includes(how) ? how : "shown"
  tick()
}

addEventListener("storage", ({ key, newValue }) => key === "clock" && tellTime(newValue))
tellTime(kept("clock"))

// What not everybody uses comes when it is first asked for.
const later = {
  agenda: () => import("./agenda.js"),
  awake: () => import("./awake.js"),
  glance: () => import("./glance.js"),
  keys: () => import("../core/keys.js"),
  signals: () => import("./signals.js"),
  swipe: () => import("./swipe.js"),
}
const use = (what, act, lost) => later[what]().then(act).catch(() => {
  tell(words.failed)
  lost?.()
})

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-asks]")
  if (button) use(button.dataset.asks, (module) => module.open())
})

// Editing has a module that hears its own clicks once it is there: the first is given to it again.
const EDITING = "[data-edit-agenda], [data-swap], [hx-target='#times']"
const first = ({ target }) => {
  const button = target.closest(EDITING)
  if (!button) return
  document.removeEventListener("click", first)
  use("agenda", () => button.hasAttribute("hx-target") || button.click(), () => document.addEventListener("click", first))
}
document.addEventListener("click", first)
document.addEventListener("keydown", (event) => { if (event.key.length === 1) use("keys", ({ press }) => press(event)) })
if (matchMedia("(any-pointer: coarse) and (width < 48rem)").matches) use("swipe")
if (kept("keys") === "off") use("keys")
if (kept("signals")) use("signals")

function keepAwake() {
  if (find("clock-data").dataset.item === undefined) return
  room.removeEventListener("room:shown", keepAwake)
  use("awake")
}

room.addEventListener("room:shown", keepAwake)
keepAwake()
try {
  if (sessionStorage.getItem("pop")) room.dataset.pop = "lost"
  sessionStorage.removeItem("pop")
} catch { /* not offered again, then */ }
