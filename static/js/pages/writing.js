// Quiet writing, beyond what saves itself: nothing closes under the hands of who writes, what could not be
// saved survives the page, and what goes into the notes is chosen in a dialog.

import { tell } from "../core/notice.js"
import { send } from "../core/request.js"
import { saverOf, storeAll } from "../writing/saver.js"

const card = () => document.querySelector("#writing")

/** The card has been drawn anew: save what could not be saved before. */
export function shown() {
  for (const { form } of card().querySelectorAll("textarea[data-seen]:not([readonly])")) {
    const saver = saverOf(form)
    if (saver.isPending && saver.refused !== document.querySelector("#run")?.dataset.number) saver.save()
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look() // another window may have gone on with it
})

// When the group goes on, a field that somebody is in stays open. The next step's is there for its item only, so the
// card waits for them.
const isBusy = (form) => saverOf(form).isPending || document.activeElement.matches(`#${form.id} textarea`)

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail
  if (ctx.sourceElement?.id !== "writing") return
  storeAll() // its field may be gone with the answer: the meeting has ended, and goes on again
  const busy = [...card().querySelectorAll("form[data-autosave]")].find(isBusy)
  if (busy?.id === "step-form" && !isNow(busy)) return event.preventDefault()
  if (busy) ctx.request.body.set("keep", busy.dataset.autosave)
  if (card().dataset.open) ctx.request.body.set("open", card().dataset.open)
})
const isNow = (form) => document.querySelector(`#agenda .now[data-item="${form.dataset.autosave}"]`)
const isOver = (field) => field.id === "step-now" || (field.matches("#writing form[data-autosave] textarea") && !isNow(field.form))
document.addEventListener("focusout", ({ target }) => isOver(target) && setTimeout(look))
const look = () => card()?.dispatchEvent(new Event("card:look"))

// The next step has a field here and one in the closing reflection: both show what was saved last.
document.addEventListener("autosave:saved", ({ target, detail }) => {
  for (const twin of document.querySelectorAll(`form[data-autosave] textarea[name="${target.name}"]`)) {
    if (twin === target || twin.form.action !== target.form.action || saverOf(twin.form).isUnsaved(twin)) continue
    twin.value = twin.defaultValue = detail
    saverOf(twin.form).release(twin)
  }
  if (target !== document.activeElement && isOver(target)) look()
})

// What another window wrote is added here, in sight, and goes to the server with the press.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("#writing [data-add]")
  if (!button) return
  const field = button.form.elements.text
  const saver = saverOf(button.form)
  saver.guard(field)
  field.value = [field.value.trimEnd(), button.form.querySelector("[data-other]").textContent].filter(Boolean).join("\n\n")
  saver.changed(field)
}, true)

// Sharing.
const dialog = document.createElement("dialog")
dialog.className = "dialog card"
dialog.setAttribute("aria-labelledby", "h-share")
document.body.append(dialog)
const headers = () => ({ "HX-Request": "true", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content })
const words = () => document.querySelector("#words")?.dataset ?? {}
let back = "" // id of the form whose button opened the dialog

document.addEventListener("submit", async (event) => {
  const opener = event.target.closest("#writing [data-share]")
  if (!opener && event.target.parentElement !== dialog) return
  event.preventDefault()
  const submitter = event.submitter
  if (submitter.ariaBusy === "true") return // pressed twice
  submitter.ariaBusy = "true"
  try {
    await (opener ? choose(opener, submitter) : share(event.target))
  } catch {
    complain(words().failed)
  } finally {
    submitter.ariaBusy = null
  }
})

async function choose(form, { value }) {
  const saver = saverOf(form.previousElementSibling)
  for (let tries = 0; tries < 40 && (saver.busy || saver.isPending); tries++) {
    saver.save()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  if (saver.isPending) return tell(saver.form.dataset.unsaved) // the lines to choose from are the saved ones
  const answer = await send(`${form.action}?whole=${value}`, { headers: headers() })
  const text = await answer.text()
  if (!answer.ok) return tell(wordsOf(text))
  dialog.innerHTML = text
  back = `${form.id}-${value}`
  dialog.showModal()
  dialog.querySelector("input, [data-close]").focus()
}

async function share(form) {
  const answer = await send(form.action, { method: "POST", headers: headers(), body: new URLSearchParams(new FormData(form)) })
  if (!answer.ok) return complain(wordsOf(await answer.text()))
  dialog.close()
  look()
}

const wordsOf = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim()

function complain(text = "") {
  const line = dialog.open && dialog.querySelector(".wrong")
  if (!line) return tell(text)
  line.textContent = text
  line.hidden = false
}

dialog.addEventListener("click", ({ target }) => target.closest("[data-close]") && dialog.close())
dialog.addEventListener("close", () => document.getElementById(back)?.focus())
