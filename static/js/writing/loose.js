// Unsaved texts whose own place in the page is gone.

import { tabStorage } from "../core/storage.js"
import { card } from "./cards.js"
import { unfold } from "./reflecting.js"
import { AUTO, KEPT, keptAt, keyOf, look, page, recallAll, saverOf, savers } from "./saver.js"

const LEAVE_MS = 4000 // a saved text whose place is gone stays in sight so long

// The words of a case stand in the part that goes on with the group: a text that is being written there, or has not
// been saved, goes on above the room until it is.
const loose = document.querySelector("#loose")
let under = [] // what is written in the part, before it is swapped

document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (detail.ctx.target?.id !== "run") return
  const at = document.activeElement
  const isWritten = (form) => saverOf(form).isPending || (form.contains(at) && at.value)
  under = [...document.querySelectorAll(`#run ${AUTO}`)].filter(isWritten).map((form) => ({
    ...saverOf(form).kept,
    all: [...form.querySelectorAll("textarea")].map(({ name, value, labels }) => ({ name, text: value, label: labels[0]?.textContent })),
    caret: form.contains(at) && [at.selectionStart, at.selectionEnd],
  }))
})

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id === "run") {
    for (const one of under) if (!document.getElementById(one.id)) set(one, one.all)
    for (const form of loose?.querySelectorAll(AUTO) ?? []) moveBack(form)
    under = []
  }
  recallAll()
  leftOver()
})

/** Show a text whose own place is gone. */
function set({ id, action, tab, caret }, fields) {
  const form = loose?.querySelector("template").content.firstElementChild.cloneNode(true)
  if (!form) return
  const blank = form.querySelector(".field")
  form.id = id
  form.setAttribute("action", action)
  for (const { name, text, seen, versions, label } of fields) {
    const one = blank.cloneNode(true)
    const field = one.querySelector("textarea")
    field.name = name
    field.id = `loose-${id}-${name}`
    if (seen) field.dataset.seen = seen
    one.querySelector("label").htmlFor = field.id
    one.querySelector("label").textContent = label ?? ""
    field.value = text
    blank.before(one)
    const saver = saverOf(form)
    if (versions) saver.versions.set(name, versions)
    if (!saver.acknowledged.has(name)) saver.acknowledged.set(name, undefined) // whatever it was, this is not saved
  }
  blank.remove()
  loose.append(form)
  loose.hidden = false
  if (saverOf(form).isPending) page.tab = tab
  follow(form)
  if (!caret) return leave(form)
  form.querySelector("textarea").focus({ preventScroll: true })
  form.querySelector("textarea").setSelectionRange(...caret)
}

/** Save the fields of a form that has just been filled. */
function follow(form) {
  const saver = saverOf(form)
  for (const field of form.querySelectorAll("textarea")) {
    if (saver.isUnsaved(field)) saver.changed(field)
    else saver.guard(field)
  }
}

/** Its place is there again. */
function moveBack(form) {
  const place = document.querySelector(`#run #${form.id}`)
  if (!place) return
  const at = form.contains(document.activeElement) && document.activeElement
  for (const { name, value, selectionStart, selectionEnd } of form.querySelectorAll("textarea")) {
    const field = place.elements[name]
    field.value = value
    if (at?.name !== name) continue
    field.focus({ preventScroll: true })
    field.setSelectionRange(selectionStart, selectionEnd)
  }
  form.remove()
  loose.hidden = !loose.querySelector(AUTO)
  follow(place)
}

/** What was not saved before the page was loaded, and has no place in it any more. */
function leftOver() {
  if (!loose || document.querySelector("#writing[data-beside='0']")) return // still to come
  const comes = document.querySelector("#reflection[data-beside='0']")
  for (const key of tabStorage.keys()) {
    if (!key.startsWith(`${KEPT}/m/${document.body.dataset.meeting}/`)) continue
    const kept = keptAt(key)
    if (comes && kept?.id === "reflect-form") {
      unfold()
      continue
    }
    if (kept?.fields && !document.getElementById(kept.id)) set(kept, kept.fields)
  }
}

function leave(form) {
  if (!loose?.contains(form)) return
  setTimeout(() => {
    const saver = saverOf(form)
    if (saver.busy || saver.isPending || form.contains(document.activeElement) || !loose.contains(form)) return
    putAway(form)
    look(card()) // it may have been quiet writing's
  }, LEAVE_MS)
}

loose?.addEventListener("focusout", ({ target }) => leave(target.form))
loose?.addEventListener("click", ({ target }) => {
  const form = target.matches("[data-drop]") && target.form
  if (!form) return
  const key = keyOf(form)
  putAway(form)
  tabStorage.write(key, null)
})

document.addEventListener("autosave:settled", ({ detail }) => leave(detail))

function putAway(form) {
  form.remove()
  savers.delete(form.id)
  loose.hidden = !loose.querySelector(AUTO)
}

recallAll()
leftOver()
