// The room's part, #run, which htmx fetches and swaps: the newest is shown, the keyboard stays (focus.js), and a meeting
// that has ended becomes its record.

import { room, words } from "./clock.js"
import "./focus.js"
import { tell } from "./notice.js"

const OPEN_MS = 8000 // time for an undo

const run = () => document.querySelector("#run")

/** Return the number of what is shown. */
export const shown = () => Number(run().dataset.number)

/** Return the digest of what stands beside the turn. */
export const has = () => side().dataset.has

/** Swap in a part that the server has pushed, as if it had been fetched; one that does not fit is not swapped. */
export const take = (html) => htmx.swap({ sourceElement: run(), target: run(), swap: "outerMorph", text: html })

let opening = 0
let waits = null // the line that says what the record waits for

// What stands beside the turn is sent only when it differs from what the page has, and says that it has. Else an empty
// element stands for it in the answer, and the morph leaves out what is there.
const side = () => document.querySelector("#side")
const isSame = (text) => text.includes('id="side" data-same=')
const isElsewhere = (text) => (/id="side" data-same="(\w+)"/.exec(text)?.[1] ?? side().dataset.has) !== side().dataset.has
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { sourceElement, target, request } = ctx
  if (sourceElement?.id === "run" || target === "#run" || target?.id === "run") request.body.set("side", has())
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
  if (number < shown()) return event.preventDefault()
  if (isElsewhere(ctx.text)) {
    event.preventDefault()
    if (ctx.response) room.dispatchEvent(new CustomEvent("room:behind", { detail: number })) // nothing else tells of it
    return
  }
  side().toggleAttribute("hx-morph-skip", isSame(ctx.text))
})
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id !== "run") return
  side().removeAttribute("hx-morph-skip")
  room.dispatchEvent(new CustomEvent("room:shown"))
})

// The record opens by itself, but not while something waits to be saved (what would ask before the page is left says so).
function openRecord() {
  if (run().dataset.phase !== "closed") {
    clearInterval(opening)
    opening = 0
    waits?.remove()
    waits = null
  } else opening ||= setInterval(() => {
    if (!("joined" in room.dataset) || document.querySelector("dialog[open]")) return
    if (dispatchEvent(new Event("beforeunload", { cancelable: true }))) location.reload()
    else waits ??= tell(words.recordWaits)
  }, OPEN_MS)
}

room.addEventListener("room:shown", openRecord)
openRecord()
