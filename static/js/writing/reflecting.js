// The closing reflection is one line until its item comes, the answers are shown, or somebody opens it: it is not even
// asked for before. Folding takes nothing away: its form stays in the page and goes on saving, and what is not saved yet is
// said on the line (reflection.css looks at data-reflect and data-answers).

import { tell } from "../core/notice.js"
import { look, saverOf } from "./saver.js"

const room = document.body
const card = () => document.querySelector(".room #reflection.foldable")
const form = () => document.querySelector("#reflect-form")

/** Whether the closing reflection is shown as a line. */
export const isFolded = () => Boolean(card()) && !room.dataset.reflect

/** Whether it matters to all by now. */
const matters = () => {
  const { phase } = document.querySelector("#run")?.dataset ?? {}
  const { revealed } = document.querySelector("#clock-data")?.dataset ?? {}
  return Boolean(document.querySelector(".stage[data-mode=reflection]") || revealed || phase === "closed")
}

function fold(how) {
  if (how === (room.dataset.reflect ?? "")) return
  room.dataset.reflect = how
  if (!how) delete room.dataset.reflect
  show()
  if (how) look(card()) // it was not kept up to date
}

function show() {
  document.querySelector("[data-unfolds]")?.setAttribute("aria-expanded", String(Boolean(room.dataset.reflect)))
  document.querySelector("[data-unfolds-answers]")?.setAttribute("aria-expanded", String(room.dataset.answers !== "folded"))
}

/** Open it with its item; fold it when that is over, but not under the hands of who writes in it. */
export function follow() {
  if (!card()) return
  const { reflect } = room.dataset
  if (matters()) return fold("on")
  if (reflect === "on") fold(isInUse() ? "asked" : "")
}

const isInUse = () => Boolean(form()) && (form().contains(document.activeElement) || saverOf(form()).isPending)

/** Open it: there is something of it to be saved. */
export const unfold = () => isFolded() && fold("asked")

document.addEventListener("click", (event) => {
  if (event.target.closest("#reflection [data-unfolds]")) {
    event.preventDefault()
    if (room.dataset.reflect === "asked" && form()) saverOf(form()).save()
    fold(room.dataset.reflect ? "" : "asked")
    if (room.dataset.reflect && !navigator.onLine && !form()) tell(document.querySelector("#words").dataset.failed)
  } else if (event.target.closest("#reflection [data-unfolds-answers]")) {
    room.dataset.answers = room.dataset.answers === "folded" ? "open" : "folded"
    show()
  }
})

// One's own answers make room for the group's when these come, if nobody is in them.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id !== "reflection") return
  if (card()?.matches(".shown-now") && !room.dataset.answers) room.dataset.answers = isInUse() ? "open" : "folded"
  show()
})
