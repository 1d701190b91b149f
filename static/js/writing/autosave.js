// Forms that save themselves: a case's words, the closing reflection, quiet writing. Listeners sit on the document, as
// the parts are morphed under them.

import { lookAgain } from "./cards.js"
import "./loose.js"
import { AUTO, put, saveAll, saverOf, savers, shownNumber, storeAll } from "./saver.js"
import { versionOf } from "./texts.js"

const on = (event, act) => document.addEventListener(event, ({ target }) => {
  if (target.matches?.(`${AUTO} textarea`)) act(saverOf(target.form), target)
})
on("focusin", (saver, field) => saver.guard(field))
on("input", (saver, field) => saver.changed(field))
on("change", (saver) => saver.save())

document.addEventListener("submit", (event) => {
  if (!event.target.matches(AUTO)) return
  event.preventDefault()
  const saver = saverOf(event.target)
  const { name, value } = event.submitter ?? {}
  if (name) saver.pressed.set(name, value)
  saver.save()
})

addEventListener("online", saveAll)
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return lookAgain()
  storeAll()
  saveAll()
})
addEventListener("pagehide", storeAll)

addEventListener("beforeunload", (event) => {
  storeAll()
  if (![...savers.values()].some((saver) => saver.isPending)) return
  saveAll()
  event.preventDefault()
})

// What somebody else wrote comes into a field that nobody is in; beside one that is in use it is shown until both are one.
function showNews() {
  for (const field of document.querySelectorAll(`#run ${AUTO} textarea`)) {
    const line = field.form.nextElementSibling
    const words = line?.querySelector("[data-words]")?.textContent ?? ""
    const saver = saverOf(field.form)
    const isOlder = Number(shownNumber()) < saver.number // than what we have saved
    const isNew = !isOlder && saver.versions.has(field.name) && !saver.versions.get(field.name).includes(versionOf(words))
    const inUse = saver.busy || saver.isPending || field === document.activeElement
    line?.toggleAttribute("data-news", isNew && inUse)
    if (isNew && inUse && !saver.busy && !saver.isPending) saver.tell("saved", field.form.dataset.news)
    if (!isNew || inUse) continue
    put(field, words, 0)
    field.defaultValue = words
    saver.release(field)
    saver.guard(field)
  }
}

document.body.addEventListener("room:shown", showNews)
document.addEventListener("autosave:settled", showNews)
document.addEventListener("focusout", () => setTimeout(showNews))
