// The toolbar of the editor, and the form for the address of a link.

import { ACTIONS, linkAt, linkFrom, setLink } from "/static/editor/editor.js"
import { hear } from "../core/hear.js"
import { card, find, on, steer, words } from "./card.js"
import { isEditable, view } from "./editing.js"

const toolbar = find("[role=toolbar]")
const tools = [...toolbar.querySelectorAll("button")]
const opener = find("#note-looks-open")
const looks = find("#note-looks")
const STAYS = ["undo", "redo"] // pressed many times
let wasOff = false // the cursor was in a section off the record

tools.forEach((tool, at) => (tool.tabIndex = at ? -1 : 0))

/** Show or hide what makes text and lists look, over the page. */
function openLooks(isOpen) {
  if (!isOpen && looks.contains(document.activeElement)) opener.focus()
  looks.hidden = !isOpen
  opener.setAttribute("aria-expanded", String(isOpen))
  if (isOpen) return
  if (tools.some((tool) => looks.contains(tool) && tool.tabIndex === 0)) tools.forEach((tool) => (tool.tabIndex = tool === opener ? 0 : -1))
}

function showTools() {
  for (const tool of tools) {
    const { act } = tool.dataset
    tool.disabled = !view || !isEditable()
    // Not disabled, which would take the focus away from who has just undone the last change.
    const can = { undo: "canUndo", redo: "canRedo" }[act]
    if (can) tool.setAttribute("aria-disabled", String(!view?.part.undoing[can]()))
    if (ACTIONS[act]) tool.setAttribute("aria-pressed", String(Boolean(view && ACTIONS[act].active(view.state))))
  }
  const off = Boolean(view?.hasFocus() && ACTIONS.off_record.active(view.state))
  if (off && !wasOff) hear(words.offRecord)
  wasOff = off
}

toolbar.addEventListener("mousedown", (event) => event.preventDefault()) // keep the selection
toolbar.addEventListener("click", ({ target, detail }) => {
  const tool = target.closest("button")
  const act = tool?.dataset.act
  if (tool === opener) {
    openLooks(looks.hidden)
    if (!looks.hidden && !detail) go(looks.querySelector("[data-act]")) // by the keyboard
  }
  if (!act || !view) return
  if (!STAYS.includes(act)) openLooks(false)
  if (act === "link") return askForLink()
  if (ACTIONS[act]) ACTIONS[act].run(view.state, view.dispatch)
  else view.part[act]()
  view.focus()
})
toolbar.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !looks.hidden) return openLooks(false)
  const shown = tools.filter((tool) => !looks.contains(tool) || !looks.hidden)
  const next = steer(event, shown, shown.indexOf(event.target))
  if (next) go(next)
})
function go(next) {
  tools.forEach((tool) => (tool.tabIndex = tool === next ? 0 : -1))
  next.focus()
}

// The tools are there for who is in the text or at the tools. A style that looks at the focus would hide them on the way
// from the one to the other.
const isAt = (element) => Boolean(element?.closest?.("#notes :is(.note-page, .tools, .note-link)"))
card.addEventListener("focusin", ({ target }) => { if (isAt(target)) card.dataset.typing = "" })
card.addEventListener("focusout", ({ relatedTarget }) => {
  if (isAt(relatedTarget)) return
  delete card.dataset.typing
  openLooks(false)
})
// Whoever is back in the text is done with how it looks.
for (const event of ["pointerdown", "keydown"]) find(".note-page").addEventListener(event, () => openLooks(false))
on("tools", showTools)

const form = find(".note-link")

function askForLink() {
  if (!view || !isEditable()) return
  const old = linkAt(view.state)
  form.hidden = false
  form.href.value = old?.href ?? ""
  form.querySelector("[data-unlink]").hidden = !old
  const away = form.querySelector("[data-open]")
  away.hidden = !old || !linkFrom(old.href)
  if (!away.hidden) away.href = linkFrom(old.href)
  sayWrong("")
  form.href.focus()
  form.href.select()
}

function sayWrong(text) {
  find("#note-address-wrong").textContent = text
  form.href.toggleAttribute("aria-invalid", Boolean(text))
  if (text) form.href.setAttribute("aria-invalid", "true")
}

function finishLink(href) {
  form.hidden = true
  if (href !== undefined) setLink(href)(view.state, view.dispatch)
  view.focus()
}

form.addEventListener("submit", (event) => {
  event.preventDefault()
  const href = linkFrom(form.href.value)
  if (href) return finishLink(href)
  sayWrong(words.badLink)
  form.href.focus()
})
form.addEventListener("keydown", (event) => event.key === "Escape" && finishLink())
find("[data-unlink]").addEventListener("click", () => finishLink(null))
find("[data-cancel]").addEventListener("click", () => finishLink())
on("link", askForLink)
on("closed", () => { form.hidden = true })
