// Which part is shown, and whose notes they are. It goes with the group until this person has written or chosen one.

import { room } from "../core/clock.js"
import { card, find, isClosed, listParts, on, standing, words } from "./card.js"
import { documents, group } from "./documents.js"
import { open, page, show, showEditable, view } from "./editing.js"
import { fillMenu, onChosen } from "./menu.js"
import { goToOwn, isQuiet, showQuiet } from "./quiet.js"
import { stopped } from "./replica.js"

const scopes = find(".note-scopes")
const nowLine = find(".note-now")

let current = null // the part the group is at
let touched = false // this person has written, or chosen a part
let groupPart = null // the last of the group's parts that was shown

const isIdle = () => !touched && !view?.hasFocus() && find(".note-link").hidden

export function showParts() {
  if (stopped.by === "ended" && !isClosed()) {
    stopped.by = "" // the end was undone
    documents.forEach((one) => one.shakeHands())
  }
  const parts = listParts()
  const all = [...parts, ...standing]
  if (open && !all.some(({ part }) => part === open.part)) {
    // Somebody deleted the item while its notes are open here: nobody's editor is pulled away.
    const own = open.own ?? open.title
    const removed = { ...open, number: null, current: false, title: words.removed.replace("{part}", own), own }
    parts.push(removed)
    all.push(removed)
  }
  const before = current
  current = parts.find((one) => one.current)?.part ?? null
  if (group.synced && group.parts().some((part) => !group.seeded.has(part))) group.shakeHands()
  if (!open) show(parts.find((one) => one.current) ?? parts[0])
  else if (current && current !== before && current !== open.part && isIdle()) show(parts.find((one) => one.current))
  else show(all.find(({ part }) => part === open.part))
  showScope()
  showEditable()
  fillMenu(parts, open)
  const there = parts.find(({ part }) => part === current)
  nowLine.hidden = !there || current === open.part
  if (there) nowLine.querySelector("b").textContent = there.title
  showQuiet(open.part)
}

function showScope() {
  const scope = standing.some(({ part }) => part === open.part) ? open.part : "group"
  if (scope !== "mine") groupPart = open.part
  room.dataset.scope = scope
  for (const button of scopes.children) button.setAttribute("aria-pressed", String((button.dataset.scope === "mine") === (scope === "mine")))
  for (const line of card.querySelectorAll("[data-for]")) line.hidden = !line.dataset.for.includes(scope)
  page.setAttribute("aria-label", open.title)
}

function choose(part) {
  touched = part !== current
  const chosen = [...listParts(), ...standing].find((one) => one.part === part)
  if (chosen) show(chosen)
  showParts()
}

const shared = () => groupPart ?? current ?? "general"

// The card of quiet writing has these buttons as well.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("#notes [data-scope], #writing [data-scope]")
  if (!button) return
  const { scope } = button.dataset
  const isThere = card.contains(button)
  if (scope === "mine" && isThere && isQuiet()) {
    if (goToOwn(".note-scopes [data-scope=mine]")) return
  }
  choose(scope === "group" ? shared() : "mine")
  if (isThere) return
  room.dataset.pen = "notes"
  scopes.querySelector(`[data-scope=${scope === "group" ? "group" : "mine"}]`).focus()
})
onChosen(choose)
find("[data-go]").addEventListener("click", () => {
  choose(current)
  touched = false // with the group again
  if (isQuiet()) return void goToOwn()
  view?.focus()
})

on("written", () => { touched = true })
on("synced", showParts)
room.addEventListener("room:shown", showParts)
