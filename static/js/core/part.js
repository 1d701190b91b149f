// The room's part, #run, which htmx fetches and swaps: the newest is shown, the keyboard stays, and a meeting that has
// ended becomes its record.

import { room } from "./clock.js"

const OPEN_MS = 8000 // time for an undo

const run = () => document.querySelector("#run")

/** Return the number of what is shown. */
export const shown = () => Number(run().dataset.number)

let held = null // the card with the keyboard, before a swap
let opening = 0

// What stands beside the turn is sent only when it differs from what the page has, and says that it has. Else an empty
// element stands for it in the answer, and the morph leaves out what is there.
const side = () => document.querySelector("#side")
const isSame = (text) => text.includes('id="side" data-same=')
const isElsewhere = (text) => (/id="side" data-same="(\w+)"/.exec(text)?.[1] ?? side().dataset.has) !== side().dataset.has
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { sourceElement, target, request } = ctx
  if (sourceElement?.id === "run" || target === "#run" || target?.id === "run") request.body.set("side", side().dataset.has)
})

// Two answers may overtake each other: an older one never replaces what is shown.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail
  if (ctx.target?.id !== "run" || ctx.response?.status >= 400) return
  const number = Number(/id="run"[^>]*data-number="(\d+)"/.exec(ctx.text)?.[1] ?? -1)
  if (number < 0) {
    // Not the part: the session is over, or the meeting has become its record.
    event.preventDefault()
    return location.reload()
  }
  if (number < shown() || isElsewhere(ctx.text)) return event.preventDefault()
  side().toggleAttribute("hx-morph-skip", isSame(ctx.text))
  held = document.activeElement?.closest("#run section")
})
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id !== "run") return
  side().removeAttribute("hx-morph-skip")
  keepFocus()
  room.dispatchEvent(new CustomEvent("room:shown"))
})

// The button that was pressed may be gone: the keyboard goes on in its card, at what undoes it or comes next.
function keepFocus() {
  if (!held?.isConnected || document.activeElement !== document.body) return
  const next = held.querySelector(".undo button, .acts .main, .acts button, h2")
  if (next?.matches("h2")) next.tabIndex = -1
  next?.focus({ preventScroll: true })
}

// The record opens by itself, but not while something waits to be saved (what would ask before the page is left says so).
function openRecord() {
  if (run().dataset.phase !== "closed") {
    clearInterval(opening)
    opening = 0
  } else opening ||= setInterval(() => {
    const isFree = dispatchEvent(new Event("beforeunload", { cancelable: true }))
    if ("joined" in room.dataset && isFree && !document.querySelector("dialog[open]")) location.reload()
  }, OPEN_MS)
}

room.addEventListener("room:shown", openRecord)
openRecord()
