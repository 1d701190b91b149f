// A group's page that is kept open: it asks for news while somebody looks at it and at the moments it knows of, counts
// down to the start, and keeps the keyboard where it was. Its buttons are htmx's.

import { language, localTime } from "../core/zones.js"
import { now, words } from "../core/clock.js"
import "../writing/autosave.js"
import "../core/between.js"

const EVERY_MS = 20_000
const WHOLE_S = 15 * 60
const status = document.querySelector("#status")
const group = () => document.querySelector("#group")

const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text }
const look = () => document.hidden || htmx.trigger(group(), "group:look")

// News: every so often, when the page is looked at again, and when a room opens or a meeting begins.
setInterval(look, EVERY_MS)
document.addEventListener("visibilitychange", look)

let seen = now()

function draw() {
  const at = now()
  const moments = group().dataset.at.split(" ").map((one) => Date.parse(one))
  if (moments.some((moment) => moment > seen && moment <= at)) look()
  seen = at
  const ring = document.querySelector("#to-start")
  if (ring) {
    const left = Math.max(0, Math.ceil((Date.parse(ring.dataset.until) - at) / 1000 - 0.015))
    const digits = ring.querySelector(".left")
    put(digits, left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : words.now)
    digits.classList.toggle("words", !left)
    if (!left) put(ring.querySelector(".of"), "")
    const arc = ring.querySelector(".arc")
    arc?.setAttribute("stroke-dashoffset", (Math.min(1, left / WHOLE_S) - 1).toFixed(3))
    if (!left) arc?.remove()
  }
  setTimeout(draw, 1000 - (at % 1000) + 2)
}

// Whoever is in another time zone sees their own time, too.
function drawElsewhere() {
  const line = document.querySelector(".elsewhere")
  if (!line) return
  const time = (timeZone) => Object.values(localTime(new Date(line.dataset.from), timeZone, language())).join(" ")
  const mine = time()
  line.hidden = mine === time(group().dataset.zone)
  if (!line.hidden) put(line, words.elsewhere.replace("{time}", mine))
}

// What is said once, as it happens. State is read before and after each swap.
let state = group().dataset.state

function announce() {
  const before = state
  state = group().dataset.state
  if (state === before) return
  if (state === "open") put(status, words.open)
  if (state === "running") put(status, words.started)
}

// A part that is gone after a press leaves the keyboard in the card it was in. What was folded open stays so.
// A question in between has taken the focus from the button that asked it, so the button is remembered.
const cardOf = (element) => group().contains(element) ? element.closest("[id][tabindex='-1']")?.id ?? "next" : null
let focused = null
let open = []

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => { focused = cardOf(ctx.request.submitter) })
document.addEventListener("htmx:before:swap", () => {
  focused = cardOf(document.activeElement) ?? focused
  open = [...group().querySelectorAll("details[id][open]")].map(({ id }) => id)
})
document.addEventListener("htmx:after:swap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "")
  drawElsewhere()
  announce()
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus()
  focused = null
})

// The menu closes as menus do.
const menu = document.querySelector(".menu")
document.addEventListener("click", ({ target }) => { if (!menu.contains(target)) menu.open = false })
menu.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !menu.open) return
  menu.open = false
  menu.querySelector("summary").focus()
})

drawElsewhere()
draw()
