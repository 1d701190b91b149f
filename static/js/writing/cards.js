// The cards beside the turn: each is asked for when it may look different, and not with each turn and clock.

import { follow, isFolded } from "./reflecting.js"
import { AUTO, look, page, savers, shownNumber } from "./saver.js"

const IN_MS = 2500 // without a connection the cards are asked for all the same

// The card of quiet writing is asked for while there is something to write or written; then it brings its script.
export const card = () => document.querySelector("#writing")
let script = null
let missed = 0

async function bring() {
  if (!card() || card().hidden) return
  try {
    // By another name: a browser may keep a failure for ever.
    script ??= await import(new URL(`writing.js#${missed}`, import.meta.url))
  } catch {
    missed++ // the connection is down: again when it is back
    return
  }
  script.shown()
}

// One that is folded or hidden is not asked for, except the first time and while the group writes.
const SHOWN = "#reflection, #writing, #last-time:not(:has(> details:not([open])))"
const isWriting = () => document.querySelector(".stage[data-mode=writing]")
const isShown = (one) => (one.id === "reflection" ? !isFolded() : !one.hidden || one.dataset.beside === "0" || isWriting())
const cards = () => [...document.querySelectorAll(SHOWN)].filter(isShown)
export const lookAgain = () => cards().forEach(look)

function catchUp() {
  follow()
  // What was refused may be taken now: the end was undone.
  for (const saver of savers.values()) if (saver.refused && saver.refused !== shownNumber() && saver.isPending) saver.save()
  const newest = Number(document.querySelector("#run").dataset.beside)
  for (const one of cards()) if (!(Number(one.dataset.beside) >= newest)) look(one)
}

document.body.addEventListener("room:shown", catchUp)
document.body.addEventListener("room:beat", catchUp) // an answer may have been lost
// Coming in makes the room look different, so the cards are first asked for once one is in.
let isIn = false
document.body.addEventListener("room:online", ({ detail }) => {
  if (isIn) return lookAgain()
  isIn = true
  if (detail.number <= shownNumber()) catchUp()
})
if (shownNumber()) setTimeout(() => isIn || catchUp(), IN_MS)
// Another page of the same person has saved something. A field that is in use here takes it once it is not.
document.body.addEventListener("room:mine", ({ detail }) => {
  if (detail.tab === page.tab) return
  for (const field of document.querySelectorAll(`${AUTO} textarea[hx-morph-skip]`)) field.behind = true
  lookAgain()
})
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id === "writing") bring()
})
document.body.addEventListener("room:online", () => missed && !script && bring())
document.addEventListener("autosave:chosen", ({ detail }) => detail.has("step-mine") && lookAgain()) // it is chosen in two cards
bring()
