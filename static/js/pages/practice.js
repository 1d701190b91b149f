// The practice room: show where to look, let the companions go on by themselves, and choose who would see an
// answer. There is no connection: each press brings the room's part and the guide, with all that happened in it.

import { room } from "../core/clock.js"
import "../turn/timer.js"
import "../turn/bar.js"
import "../turn/views.js"
import "../turn/ondemand.js"

const find = (id) => document.getElementById(id)
const still = matchMedia("(prefers-reduced-motion: reduce)")
const LOOK = { agenda: "#agenda", listen: ".stage", soon: ".stage", turn: ".stage", hand: ".stage", notes: "#notes", closing: "#reflection" }
const wait = find("coach-wait")

let step = ""
let timer = 0
let held = null

function show() {
  const guide = find("coach").dataset
  room.style.setProperty("--guide", `${find("coach").offsetHeight}px`)
  if (guide.step !== step) {
    step = guide.step
    find(guide.view).click()
    // Where there is no room for both, who reads the guide goes on from there.
    const beside = getComputedStyle(find("coach")).position === "sticky"
    if (beside) document.querySelector(LOOK[step])?.scrollIntoView({ block: "nearest", behavior: still.matches ? "instant" : "smooth" })
  }
  companions()
}

// They act in their own time, unless somebody has asked them to wait, or looks elsewhere.
function companions() {
  clearTimeout(timer)
  const { afterS } = find("coach").dataset
  if (!afterS || document.hidden || waits()) return
  timer = setTimeout(() => find("coach-others").click(), afterS * 1000)
}

const waits = () => wait.ariaPressed === "true"

function ask(yes) {
  wait.ariaPressed = yes
  companions()
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-wait]")) return ask(!waits())
  if (target.closest("#coach-back")) ask(true) // who goes back wants time
  const choice = target.closest("[data-seen]")
  if (!choice) return
  for (const one of choice.parentElement.children) one.ariaPressed = one === choice
  find("answer-seen").textContent = choice.dataset.seen
})

// The pressed button may be gone: the keyboard goes on at what comes next in its card, else at the guide.
document.addEventListener("htmx:before:swap", () => { held = document.activeElement?.closest("section") })
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id !== "run") return
  if (held && document.activeElement === document.body) {
    const next = held.isConnected && held.querySelector(".acts button:not(:disabled)")
    const there = next || find("coach-on")
    there.focus({ preventScroll: true })
  }
  room.dispatchEvent(new CustomEvent("room:shown"))
  show()
})
document.addEventListener("visibilitychange", companions)
addEventListener("resize", () => room.style.setProperty("--guide", `${find("coach").offsetHeight}px`))

ask(still.matches)
show()
