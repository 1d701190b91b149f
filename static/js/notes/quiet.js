// Quiet writing, beside the shared notes. Where one view is shown at a time one's own card stands in the notes' place
// (room.css looks at data-pen), and every way there leads to it: words that are meant for nobody must not land where all
// read them. The shared notes are there for whoever asks for them, and say what they are.

import { room } from "../core/clock.js"
import { card, find } from "./card.js"

const seal = find("#note-seal")
const view = document.querySelector("#v-notes")
let item = null // that is written in, in quiet

/** Whether the group writes in quiet. */
export const isQuiet = () => Boolean(document.querySelector(".stage[data-mode=writing]"))

/** Follow the group into quiet writing and out of it; ``part`` is shown. */
export function showQuiet(part) {
  const now = isQuiet() ? document.querySelector("#agenda [aria-current=step]").dataset.item : null
  if (now !== item) {
    item = now
    if (!now) delete room.dataset.pen
    else room.dataset.pen = card.contains(document.activeElement) ? "notes" : "own" // nobody's editor is pulled away
  }
  const isSealed = Boolean(now) && part !== "mine"
  if (isSealed && seal.hidden) seal.querySelector("ul").replaceChildren(...[...document.querySelectorAll("#run .top .face")].map(faceIn))
  seal.hidden = !isSealed
}

function faceIn(face) {
  const one = document.createElement("li")
  one.append(face.cloneNode(true))
  return one
}

/** Go to one's own card, to ``where`` in it; false where it stands beside the notes, for ``where`` is not there. */
export function goToOwn(where = "textarea, .scale button") {
  room.dataset.pen = "own"
  view.checked = true
  const own = document.querySelector("#writing")
  const field = own.querySelector(where) ?? own
  if (!field.checkVisibility()) return false
  if (field === own) own.tabIndex = -1
  field.focus()
  return true
}

find("[data-own]").addEventListener("click", () => goToOwn())

// Whoever comes to the notes by a tab, the bar or a key, or comes back to them, comes to their own card.
const comes = ({ target }) => {
  if (item && (!view.checked || target.closest?.("[data-view], [name=view]"))) room.dataset.pen = "own"
}
for (const event of ["click", "change", "touchstart"]) document.addEventListener(event, comes, { passive: true })
