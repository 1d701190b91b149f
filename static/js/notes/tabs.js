// Which part is shown: the tabs of the agenda's parts, and whose notes they are. It goes with the group until this
// person has written or chosen one.

import { room } from "../core/clock.js"
import { card, find, isClosed, listParts, on, standing, steer, words } from "./card.js"
import { documents, group } from "./documents.js"
import { open, page, show, showEditable, view } from "./editing.js"
import { stopped } from "./replica.js"

const tabs = find("[role=tablist]")
const scopes = find(".note-scopes")
const nowLine = find(".note-now")

let current = null // the part the group is at
let touched = false // this person has written, or chosen a part
let groupPart = null // the last of the group's parts that was shown
let shownTab = null

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
  drawTabs(parts)
  const there = parts.find(({ part }) => part === current)
  nowLine.hidden = !there || current === open.part
  if (there) nowLine.querySelector("b").textContent = there.title
}

function showScope() {
  const scope = standing.some(({ part }) => part === open.part) ? open.part : "group"
  if (scope === "group") groupPart = open.part
  tabs.hidden = scope !== "group"
  if (tabs.hidden) shownTab = null // what is hidden forgets how far it was scrolled
  for (const button of scopes.children) button.setAttribute("aria-pressed", String(button.dataset.scope === scope))
  for (const line of card.querySelectorAll("[data-for]")) line.hidden = !line.dataset.for.includes(scope)
  const heading = find("h2")
  heading.textContent = heading.dataset[scope] ?? heading.dataset.shared
  if (scope === "group") return page.removeAttribute("aria-label")
  page.removeAttribute("aria-labelledby")
  page.setAttribute("aria-label", open.title)
}

function drawTabs(parts) {
  const focused = tabs.contains(document.activeElement)
  for (const one of parts) {
    const tab = document.getElementById(`tab-${one.part}`) ?? newTab(one.part)
    tab.querySelector("small").textContent = one.number ?? ""
    tab.querySelector("bdi").textContent = one.title
    tab.classList.toggle("now", one.current)
    const chosen = one.part === open.part
    tab.setAttribute("aria-selected", String(chosen))
    tab.tabIndex = chosen ? 0 : -1
    const at = tabs.children[parts.indexOf(one)]
    if (at !== tab) tabs.insertBefore(tab, at ?? null)
    if (chosen) {
      page.setAttribute("aria-labelledby", tab.id)
      if (shownTab !== one.part) tabs.scrollTo({ left: tab.offsetLeft - tabs.offsetLeft - 40 })
      shownTab = one.part
      if (focused && !tabs.contains(document.activeElement)) tab.focus()
    }
  }
  while (tabs.children.length > parts.length) tabs.lastElementChild.remove()
}

function newTab(part) {
  const tab = document.createElement("button")
  tab.type = "button"
  tab.id = `tab-${part}`
  tab.dataset.part = part
  tab.setAttribute("role", "tab")
  tab.setAttribute("aria-controls", page.id)
  tab.append(document.createElement("small"), document.createElement("bdi"))
  return tab
}

function choose(part) {
  touched = part !== current
  const chosen = [...listParts(), ...standing].find((one) => one.part === part)
  if (chosen) show(chosen)
  showParts()
}

scopes.addEventListener("click", ({ target }) => {
  const scope = target.closest("button")?.dataset.scope
  if (scope) choose(scope === "group" ? groupPart ?? current ?? "general" : scope)
})
tabs.addEventListener("click", ({ target }) => {
  const tab = target.closest("[role=tab]")
  if (tab) choose(tab.dataset.part)
})
tabs.addEventListener("keydown", (event) => {
  const all = [...tabs.children]
  const next = steer(event, all, all.indexOf(event.target))
  if (!next) return
  choose(next.dataset.part)
  next.focus()
})
find("[data-go]").addEventListener("click", () => {
  choose(current)
  touched = false // with the group again
  view?.focus()
})

on("written", () => { touched = true })
on("synced", showParts)
room.addEventListener("room:shown", showParts)
