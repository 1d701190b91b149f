// The closing reflection saves itself, one post at a time, and tells the truth about it.
//
// What was changed since the last answer of the server goes in one post; while that is under
// way newer changes wait, so that an older text never arrives after a newer one. A post that
// fails is tried again. Listeners sit on the document, as the part is morphed under them.

const PAUSE_MS = 600 // from the first unsaved letter, so that who types on and on is saved too
const LATE_MS = 1200 // then "Saving" becomes "Not saved yet"
const SETTLE_MS = 15_000 // an answer of the server rendered before our text may still be under way
const RETRY_MS = [1000, 2000, 4000, 8000]

const pressed = new Map() // button name -> value, to be posted
const acknowledged = new Map() // field name -> text the server has
let timer = 0
let busy = false
let failures = 0

const form = () => document.querySelector("form[data-autosave]")
const fields = () => [...form().querySelectorAll("textarea")]
const known = (field) => acknowledged.get(field.name) ?? field.defaultValue
const unsaved = (field) => field.value !== known(field)

function tell(state, text = form()?.dataset[state]) {
  const line = form()?.querySelector("[data-state]")
  if (!line || (line.dataset.state === state && line.textContent === text)) return
  line.dataset.state = state
  line.textContent = text ?? ""
  // A screen reader hears of trouble and of its end, not of each pause in typing.
  const said = form().querySelector("[data-said]")
  if (state === "unsaved" || (state === "saved" && said.textContent)) said.textContent = text
}

// htmx would put the server's text into a field that has no focus: not into one with news.
function guard(field) {
  field.setAttribute("hx-morph-skip", "")
  clearTimeout(field.settled)
  field.settled = setTimeout(() => unsaved(field) ? guard(field) : release(field), SETTLE_MS)
}

function release(field) {
  field.removeAttribute("hx-morph-skip")
  field.defaultValue = field.value
  acknowledged.delete(field.name)
}

function soon(delay) {
  clearTimeout(timer)
  timer = setTimeout(save, delay)
}

async function save() {
  clearTimeout(timer)
  timer = 0
  if (busy || !form()) return
  const sent = new Map(fields().filter(unsaved).map((field) => [field.name, field.value]))
  const choices = new Map(pressed)
  if (!sent.size && !choices.size) return tell("saved")
  busy = true
  tell("saving")
  const late = setTimeout(() => tell("unsaved"), LATE_MS)
  const body = new URLSearchParams([...sent, ...choices])
  let wait = 0
  try {
    const answer = await fetch(form().action, {
      method: "POST",
      body,
      headers: {
        "HX-Request": "true",
        "Prefer": "return=minimal",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      keepalive: true, // it may be the last thing the page does
      signal: AbortSignal.timeout(10_000),
    })
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status)
    // A choice that is refused is not tried again; a text stays in its field, unsaved.
    for (const [name, value] of choices) if (pressed.get(name) === value) pressed.delete(name)
    if (answer.ok) {
      failures = 0
      for (const [name, value] of sent) acknowledged.set(name, value)
    } else {
      tell("unsaved", `${form().dataset.unsaved}. ${await reason(answer)}`)
      wait = -1
    }
    if (choices.size || !answer.ok) form().closest("#reflection").dispatchEvent(new Event("reflection:saved"))
  } catch {
    tell("unsaved")
    wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]
  } finally {
    clearTimeout(late)
    busy = false
  }
  if (wait < 0 || !form()) return
  if (fields().some(unsaved) || pressed.size) return soon(wait)
  tell("saved")
}

async function reason(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim()
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("form[data-autosave] textarea")) return
  if (!acknowledged.has(target.name)) acknowledged.set(target.name, target.defaultValue)
  guard(target)
  tell(navigator.onLine ? "saving" : "unsaved")
  if (!busy && !timer) soon(PAUSE_MS)
})

document.addEventListener("change", ({ target }) => {
  if (target.matches("form[data-autosave] textarea")) save()
})

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-autosave]")) return
  event.preventDefault()
  const { name, value } = event.submitter ?? {}
  if (name) pressed.set(name, value)
  save()
})

addEventListener("online", save)
document.addEventListener("visibilitychange", () => document.hidden && save())

addEventListener("beforeunload", (event) => {
  if (!form() || (!pressed.size && !fields().some(unsaved))) return
  save()
  event.preventDefault()
})
