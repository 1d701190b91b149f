// Editing the agenda: the tools shown or not, the form of an item, moving by drag. The buttons for up, down,
// delete and skip need no script of their own.

import { room } from "../core/clock.js"

const editor = document.querySelector("#item-editor")
const form = document.querySelector("#item-form")
const title = document.querySelector("#item-editor-title")
const wrong = form.querySelector(".wrong")

// Edit mode belongs to the page, not to the part that is swapped.
function showMode() {
  const button = document.querySelector("#edit-agenda")
  if (!button) delete room.dataset.editing
  button?.setAttribute("aria-pressed", "editing" in room.dataset)
  if (!("editing" in room.dataset)) return
  wishes()?.dispatchEvent(new Event("card:look"))
  if (!document.querySelector("#plan[data-tools]")) room.dispatchEvent(new CustomEvent("room:changed"))
}

// The tools of the items come from the server while somebody edits.
document.addEventListener("htmx:config:request", ({ detail: { ctx: { sourceElement, target, request } } }) => {
  const isPart = sourceElement?.id === "run" || target === "#run" || target?.id === "run"
  if (isPart && "editing" in room.dataset) request.body.set("edit", "1")
})

// What people wish to talk about is asked for while the agenda is edited; the keyboard goes on where one was taken.
const wishes = () => document.querySelector("#room-wishes")
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.target === wishes()) ctx.inWishes = wishes().contains(document.activeElement)
})
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.inWishes && document.activeElement === document.body) (wishes().querySelector("[name=press]") ?? document.querySelector("[data-add-item]")).focus()
})

// The fields come from the server when they are asked for: with every setting that the item has.
async function edit(id) {
  wrong.hidden = true
  title.textContent = id ? title.dataset.change : title.dataset.add
  form.elements.press.value = id ? "change_item" : "add_item"
  form.elements.namedItem("item").value = id // elements.item is a method
  await htmx.ajax("GET", `/m/${room.dataset.meeting}/item?item=${id}`, { target: "#item-fields", swap: "innerHTML" })
  if (!form.elements.title) return // refused, and said so
  editor.showModal()
  form.elements.title.focus()
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-edit-agenda]")) {
    if ("editing" in room.dataset) delete room.dataset.editing
    else room.dataset.editing = ""
    return showMode()
  }
  const change = target.closest("[data-edit-item]")
  if (change) return edit(change.dataset.editItem)
  if (target.closest("[data-add-item]")) return edit("")
  if (target.closest("[data-add-step]")) {
    const row = form.querySelector(".steps-edit li[hidden]")
    if (row) row.hidden = false
    return row?.querySelector("input").focus()
  }
  if (target.closest("[data-swap]")) return showSwap(!("swapping" in room.dataset))
  const one = target.closest("[data-swapping] .groups [role=button]")
  if (one) return swap(one.querySelector("[data-person]"))
  if (target.closest("#item-editor [data-close]")) editor.close()
  if (target.closest("#times [data-close]")) putAwayTimes()
})

function putAwayTimes() {
  document.querySelector("#times").replaceChildren()
  document.querySelector("[hx-target='#times']")?.focus()
}

// The answer to the form: done, or why not, said where one is looking.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail
  const own = ctx.sourceElement
  if (own !== form && own?.id !== "times-form") return
  if (ctx.response.status < 400) return own === form ? editor.close() : putAwayTimes()
  event.preventDefault()
  const answer = new DOMParser().parseFromString(ctx.text, "text/html").body
  if (!answer.querySelector(".clash")) return complain(own, answer.textContent.trim(), ctx.response.headers.get("X-Field"))
  // Somebody else changed the same meanwhile: the form comes back with both.
  const place = own === form ? form.querySelector("#item-fields") : own.parentElement
  if (own === form) wrong.hidden = true
  place.replaceChildren(...answer.childNodes)
  htmx.process(place)
  showClash(place)
})
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => ctx.target?.id === "sheet" && showClash(ctx.target))

// The keyboard goes on at the first field that two have changed.
function showClash(place) {
  const first = place.querySelector(".theirs")?.parentElement ?? place.querySelector(".clash")
  first?.querySelector("input, select, textarea, button").focus()
}

// Why it was refused belongs to its field, which the keyboard goes to.
function complain(form, text, name) {
  const wrong = form.querySelector(".wrong")
  praise(form)
  wrong.textContent = text
  wrong.hidden = false
  const field = form.elements.namedItem(name)
  if (!field?.checkVisibility?.()) return
  field.dataset.described = field.getAttribute("aria-describedby") ?? ""
  field.setAttribute("aria-describedby", `${wrong.id} ${field.dataset.described}`.trim())
  field.ariaInvalid = "true"
  field.focus()
}

function praise(form) {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.ariaInvalid = null
    if (field.dataset.described) field.setAttribute("aria-describedby", field.dataset.described)
    else field.removeAttribute("aria-describedby")
  }
}

// What is typed into an open form is nowhere else yet.
addEventListener("beforeunload", (event) => {
  const fields = document.querySelectorAll("dialog[open] :is(textarea, input:not([type]))")
  if (document.querySelector("dialog[open] .clash") || [...fields].some((field) => field.value !== field.defaultValue)) event.preventDefault()
})

// Moving an item by its grip, or a wish into the agenda, with mouse, pen or finger. The list itself changes when the server has said so.
let drag = null

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-drag], [data-drag-wish]")
  if (!grip || event.button) return
  event.preventDefault()
  const { drag: id, dragWish: wish } = grip.dataset
  drag = { id, wish, over: null, after: false, pointer: event.pointerId }
  grip.closest("li").classList.add("dragged")
})

document.addEventListener("pointermove", (event) => {
  if (drag?.pointer !== event.pointerId) return
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest("#plan > [data-item]")
  unmark()
  if (!over || over.dataset.item === drag.id) return void (drag.over = null)
  const box = over.getBoundingClientRect()
  drag.over = over.dataset.item
  drag.after = event.clientY > box.top + box.height / 2
  over.classList.add(drag.after ? "drop-after" : "drop-before")
})

document.addEventListener("pointerup", drop)
document.addEventListener("pointercancel", cancel)
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") cancel()
  const name = event.target.closest?.("[data-swapping] .groups [role=button]")
  if (!name || (event.key !== "Enter" && event.key !== " ")) return
  event.preventDefault()
  swap(name.querySelector("[data-person]"))
})

function cancel() {
  if (drag) drag.over = null
  drop()
}

function unmark() {
  for (const one of document.querySelectorAll(".drop-before, .drop-after")) one.classList.remove("drop-before", "drop-after")
}

function drop() {
  if (!drag) return
  const { id, wish, over, after } = drag
  document.querySelector(".dragged")?.classList.remove("dragged")
  unmark()
  drag = null
  if (over === null) return
  const order = [...document.querySelectorAll("#plan > [data-item]")].map((item) => item.dataset.item).filter((one) => one !== id)
  const place = order.indexOf(over) + (after ? 1 : 0)
  press(wish ? { press: "add_wish", wish, place } : { press: "move_item", item: id, place })
}

// Two people change places: press the one, then the other.
let chosen = null

function showSwap(yes) {
  if (yes) room.dataset.swapping = ""
  else delete room.dataset.swapping
  chosen = null
  const button = document.querySelector("[data-swap]")
  button?.setAttribute("aria-pressed", yes)
  for (const face of document.querySelectorAll(".groups [data-person]")) {
    const name = face.parentElement
    if (!yes) for (const what of ["tabindex", "role", "aria-pressed"]) name.removeAttribute(what)
    else { name.tabIndex = 0; name.role = "button"; name.ariaPressed = false }
  }
}

function swap(face) {
  const name = face.parentElement
  if (!chosen) { chosen = face.dataset.person; return void (name.ariaPressed = true) }
  document.querySelector("[data-swap]").focus()
  if (chosen !== face.dataset.person) press({ press: "swap_pair", one: chosen, other: face.dataset.person })
  showSwap(false)
}

/** Press as a button of form#press would. */
function press(values) {
  const address = document.querySelector("#press").getAttribute("action")
  const seen = document.querySelector("#seen").value
  htmx.ajax("POST", address, { source: "#press", target: "#run", swap: "outerMorph", values: { ...values, seen } })
}

room.addEventListener("room:shown", showMode)
showMode()
