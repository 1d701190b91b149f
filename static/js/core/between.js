// What people do between meetings, on the group's page, and "From last time" in the room: what is open stays so when
// it is drawn anew, and in the opening round the promise of who speaks stands out.

import { deviceStorage } from "./storage.js"

let folds = new Map() // which are open, before a swap

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.target?.id === "run") return folds.clear() // it leaves this card alone
  folds = new Map([...document.querySelectorAll("details[data-stays]")].map(({ id, open }) => [id, open]))
})

document.addEventListener("htmx:after:swap", () => {
  for (const [id, open] of folds) {
    const fold = document.getElementById(id)
    if (fold) fold.open = open
  }
  show()
  wasOpen = Boolean(lastTime()?.open)
})

// A form that was taken is empty again; one that was refused keeps its words.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.matches("form[data-empties]") && ctx.response?.status < 400) ctx.sourceElement.reset()
})

// In the room. It matters until the opening round is over; then it is a folded line, unless this device remembers that
// somebody opened it.
const KEY = "last-time"
let mattered = null
let wasOpen = false // as it was drawn, or left

const lastTime = () => document.querySelector("#last-time-fold")

function show() {
  const fold = lastTime()
  if (!fold) return
  const { until } = fold.dataset
  const matters = !document.querySelector(`#item-${until}`)?.matches(".done, .skipped")
  if (mattered !== matters) fold.open = (mattered = matters) || deviceStorage.read(KEY) === "open"
  const clock = document.querySelector("#clock-data")?.dataset ?? {}
  const speaker = clock.item === until ? clock.speaker : ""
  for (const one of fold.querySelectorAll("[data-promise-of]")) one.toggleAttribute("data-speaks", one.dataset.promiseOf === speaker)
}

document.body.addEventListener("room:shown", show)
document.addEventListener("click", ({ target }) => {
  const fold = target.closest("#last-time-fold > summary")?.parentElement
  if (fold && !mattered) deviceStorage.write(KEY, fold.open ? null : "open") // it opens after the click
})
// Folded it is not kept up to date: that is asked for when it is opened.
document.addEventListener("toggle", ({ target }) => {
  if (target.id !== "last-time-fold") return
  if (target.open && !wasOpen) target.parentElement.dispatchEvent(new Event("card:look"))
  wasOpen = target.open
}, true)
show()
