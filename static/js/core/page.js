// What every page does: forms sent by htmx carry the token, dialogs open and close, fields are copied, forms open.

import "./confirm.js"
import { hear } from "./hear.js"
import "./notice.js"
import "./zones.js"
import { send } from "./request.js"

const words = document.querySelector("#words")?.dataset ?? {}
const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? ""

document.documentElement.dataset.js = ""

// A button may say in its formaction what it is about (?item=3): htmx reads only the form's address.
// Each press has a name, by which the server knows it when it is sent again.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRFToken"] = token()
  ctx.fetch = send
  if (ctx.request.body.has("press")) ctx.request.body.set("id", `press-${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`)
  const address = ctx.request.submitter?.getAttribute("formaction")
  if (!address) return
  for (const [name, value] of new URL(address, location.href).searchParams) ctx.request.body.set(name, value)
})

// What opens over the page is fetched when it is asked for; it goes when it comes back empty or a press in it is sent.
const sheet = document.querySelector("#sheet")

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!sheet || ctx.target !== sheet) return
  if (!sheet.childElementCount) sheet.close()
  else if (!sheet.open) sheet.showModal()
})
document.addEventListener("submit", ({ target }) => target.matches("#sheet [data-closes]") && sheet.close())
document.addEventListener("submit", ({ submitter }) => submitter?.closest("[popover]")?.hidePopover())
document.addEventListener("click", (event) => {
  if (!event.target.closest("#sheet [data-close]")) return
  event.preventDefault()
  sheet.close()
})

// Copy what is in a field.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button[data-copy]")
  if (!button) return
  const field = document.querySelector(button.dataset.copy)
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
  } catch {
    document.execCommand("copy") // no clipboard over plain http
  }
  const label = button.querySelector("span")
  const before = label.textContent
  const done = words.copied
  if (!done || before === done) return
  label.textContent = done
  hear(done)
  setTimeout(() => { if (label.textContent === done) label.textContent = before }, 2000)
})

// A link into a view that a narrow room may not show just now.
document.addEventListener("click", ({ target }) => {
  const view = document.getElementById(target.closest("[data-view]")?.dataset.view)
  if (view) view.checked = true
})

// A button that opens a form in place. Without a script it asks the server for the page with the form open.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-opens]")
  if (!button) return
  event.preventDefault()
  const form = document.getElementById(button.dataset.opens)
  form.hidden = false
  button.form.hidden = true
  form.querySelector("input:not([type=hidden])").focus()
})

document.addEventListener("click", ({ target }) => { if (target.closest("button[data-print]")) print() })

// What the chosen one of several is for stands below the select.
function tellWhatFor() {
  for (const { dataset, selectedOptions } of document.querySelectorAll("select[data-tells]")) {
    const place = document.getElementById(dataset.tells)
    const text = selectedOptions[0]?.dataset.for ?? ""
    if (place.textContent !== text) place.textContent = text
  }
}

document.addEventListener("change", tellWhatFor)
document.addEventListener("htmx:after:swap", tellWhatFor)
tellWhatFor()

// A field that was refused is where the eye should be.
document.querySelector("[aria-invalid=true]")?.focus()
