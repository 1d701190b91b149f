// What every page does: forms sent by htmx carry the token, questions are asked, news goes away.

import { send } from "./request.js"

const LATE_MS = 1800
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

// The server's line stays until it was read; a press that works clears it.
const notice = document.querySelector("#notice")
let reading = 0

/** Say something short: in the dialog that is open, as all else is out of reach meanwhile. */
export function tell(text) {
  untell()
  const line = document.createElement("p")
  line.className = "notice"
  line.textContent = text
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1)
  if (dialog) line.role = "alert"
  ;(dialog ?? notice).append(line)
  return line
}

function untell() {
  for (const line of document.querySelectorAll("dialog > .notice")) line.remove()
  notice.replaceChildren()
}

new MutationObserver(() => {
  clearTimeout(reading)
  if (notice.childElementCount) reading = setTimeout(() => notice.replaceChildren(), 12_000)
}).observe(notice, { childList: true })

document.addEventListener("keydown", ({ key }) => key === "Escape" && untell())
document.addEventListener("close", ({ target }) => target.querySelector(":scope > .notice")?.remove(), true)

const isPress = ({ request }) => request?.method === "POST"
const words = document.querySelector("#words")?.dataset ?? {}

// A press clears what was said before; while it has not arrived, that is said.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!isPress(ctx)) return
  untell()
  ctx.late = setTimeout(() => { ctx.line = tell(words.late) }, LATE_MS)
})
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => arrived(ctx))
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => arrived(ctx))

function arrived(ctx) {
  clearTimeout(ctx.late)
  ctx.line?.remove()
}

document.addEventListener("htmx:error", ({ detail }) => {
  // A fetch of a part is asked again anyway; a press that did not arrive is said.
  if (detail.ctx && isPress(detail.ctx)) tell(words.failed)
})

// Questions before what cannot simply be pressed again. While one is open a style hides what asks them, so that
// there is one button of that name, also when the part is drawn anew meanwhile.
const ask = document.querySelector("#confirm")
let asked = null

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]")
  if (!button || button === asked) return
  event.preventDefault()
  event.stopPropagation()
  asked = button
  ask.querySelector("#confirm-title").textContent = button.dataset.confirm
  ask.querySelector("#confirm-text").textContent = button.dataset.confirmText ?? ""
  ask.querySelector("#confirm-text").hidden = !button.dataset.confirmText
  ask.querySelector("#confirm-yes").textContent = button.dataset.confirmYes ?? button.textContent.trim()
  ask.returnValue = "no"
  ask.showModal()
}, true)

ask.addEventListener("close", () => {
  const button = asked
  if (!button) return
  if (ask.returnValue === "yes" && button.isConnected) button.click() // let through: it has been asked
  else button.focus()
  asked = null
})

// What opens over the page is fetched when it is asked for; it goes when it comes back empty or a press in it is sent.
const sheet = document.querySelector("#sheet")

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!sheet || ctx.target !== sheet) return
  if (!sheet.childElementCount) sheet.close()
  else if (!sheet.open) sheet.showModal()
})
document.addEventListener("submit", ({ target }) => target.matches("#sheet [data-closes]") && sheet.close())
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
  document.querySelector("#status").textContent = done
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

// A field that was refused is where the eye should be.
document.querySelector("[aria-invalid=true]")?.focus()
