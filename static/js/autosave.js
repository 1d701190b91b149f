// Forms that save themselves, one post at a time, and tell the truth about it: the closing reflection, quiet writing.
//
// What was changed since the last answer of the server goes in one post; while that is under
// way newer changes wait, so that an older text never arrives after a newer one. A post that
// fails is tried again. Listeners sit on the document, as the parts are morphed under them.

const PAUSE_MS = 600 // from the first unsaved letter, so that who types on and on is saved too
const LATE_MS = 1200 // then "Saving" becomes "Not saved yet"
const SETTLE_MS = 15_000 // an answer of the server rendered before our text may still be under way
const RETRY_MS = [1000, 2000, 4000, 8000]

const AUTO = "form[data-autosave]"
export const savers = new Map() // form id -> Saver
export const page = { tab: Math.random().toString(36).slice(2, 12) } // tells the server where a text comes from

export const saverOf = ({ id }) => savers.get(id) ?? savers.set(id, new Saver(id)).get(id)
const shownNumber = () => document.querySelector("#run")?.dataset.number
const each = (act) => savers.forEach((saver) => saver[act]())

class Saver {
  pressed = new Map() // button name -> value, to be posted
  acknowledged = new Map() // field name -> text the server has
  timer = 0
  busy = false
  failures = 0
  refused = "" // number of the room when a text was last refused

  constructor(id) {
    this.id = id
  }

  get form() {
    return document.getElementById(this.id)
  }

  get unsaved() {
    return [...this.form.querySelectorAll("textarea")].filter((field) => this.isUnsaved(field))
  }

  get isPending() {
    return Boolean(this.form && (this.pressed.size || this.unsaved.length))
  }

  isUnsaved(field) {
    return field.value !== (this.acknowledged.get(field.name) ?? field.defaultValue)
  }

  tell(state, text = this.form?.dataset[state]) {
    const line = this.form?.querySelector("[data-state]")
    if (!line || (line.dataset.state === state && line.textContent === text)) return
    line.dataset.state = state
    line.textContent = text ?? ""
    // A screen reader hears of trouble and of its end, not of each pause in typing.
    const said = this.form.querySelector("[data-said]")
    if (state === "unsaved" || (state === "saved" && said.textContent)) said.textContent = text
  }

  // htmx would put the server's text into a field that has no focus, and its number on one that has:
  // not while there is news in it.
  guard(field) {
    if (!this.acknowledged.has(field.name)) this.acknowledged.set(field.name, field.defaultValue)
    field.setAttribute("hx-morph-skip", "")
    clearTimeout(field.settled)
    field.settled = setTimeout(() => {
      if (field === document.activeElement || this.isUnsaved(field)) return this.guard(field)
      field.removeAttribute("hx-morph-skip")
      field.defaultValue = field.value
      this.acknowledged.delete(field.name)
      if (field.behind) look(field.closest("[hx-get]"))
      field.behind = false
    }, SETTLE_MS)
  }

  changed(field) {
    this.guard(field)
    this.tell(navigator.onLine ? "saving" : "unsaved")
    if (!this.busy && !this.timer) this.soon(PAUSE_MS)
  }

  soon(delay) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), delay)
  }

  async save() {
    clearTimeout(this.timer)
    this.timer = 0
    if (this.busy || !this.form) return
    const sent = this.unsaved.map((field) => [field.name, field.value])
    const choices = new Map(this.pressed)
    if (!sent.length && !choices.size) return this.tell("saved")
    this.busy = true
    this.tell("saving")
    const late = setTimeout(() => this.tell("unsaved"), LATE_MS)
    const seen = this.unsaved[0]?.dataset.seen
    const number = shownNumber()
    const body = new URLSearchParams([...sent, ...choices, ["tab", page.tab], ...(seen ? [["seen", seen]] : [])])
    let wait = 0
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        body,
        headers: {
          "HX-Request": "true",
          "Prefer": "return=minimal",
          "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
        },
        keepalive: body.toString().length < 60_000, // it may be the last thing the page does
        signal: AbortSignal.timeout(10_000),
      })
      if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status)
      // A choice that is refused is not tried again; a text stays in its field, unsaved.
      for (const [name, value] of choices) if (this.pressed.get(name) === value) this.pressed.delete(name)
      if (answer.ok) {
        this.failures = 0
        this.refused = ""
        for (const [name, value] of sent) {
          this.acknowledged.set(name, value)
          const field = this.form?.elements[name]
          if (field?.dataset.seen) field.dataset.seen = answer.headers.get("X-Seen")
          field?.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: value }))
        }
      } else {
        this.tell("unsaved", `${this.form.dataset.unsaved}. ${await reason(answer)}`)
        this.refused = number
        wait = number === shownNumber() ? -1 : PAUSE_MS // else something has happened meanwhile
      }
      if (choices.size || answer.status !== 204) this.form?.closest("[hx-get]").dispatchEvent(new Event("autosave:done"))
    } catch {
      this.tell("unsaved")
      wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]
    } finally {
      clearTimeout(late)
      this.busy = false
    }
    if (wait < 0 || !this.form) return
    if (this.isPending) return this.soon(wait)
    this.tell("saved")
  }
}

async function reason(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim()
}

const on = (event, act) => document.addEventListener(event, ({ target }) => target.matches?.(`${AUTO} textarea`) && act(saverOf(target.form), target))
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

addEventListener("online", () => each("save"))
document.addEventListener("visibilitychange", () => document.hidden ? each("save") : lookAgain())

addEventListener("beforeunload", (event) => {
  if (![...savers.values()].some((saver) => saver.isPending)) return
  each("save")
  event.preventDefault()
})

// The card of quiet writing is asked for while there is something to write or written; then it brings its script.
const card = () => document.querySelector("#writing")
let script = null
let missed = 0

async function bring() {
  if (!card() || card().hidden) return
  try {
    script ??= await import(`${card().dataset.script}#${missed}`) // by another name: a browser may keep a failure for ever
  } catch {
    missed++ // the line is down: again when it is back
    return
  }
  script.shown()
}

// What stands beside the turn is asked for when it may look different, and not with each turn and clock.
const look = (one) => one?.dispatchEvent(new Event("card:look"))
const cards = () => [...document.querySelectorAll("#reflection, #writing")].filter((one) => !one.hidden || document.querySelector(".stage[data-mode=writing]"))
const lookAgain = () => cards().forEach(look)

function catchUp() {
  // What was refused may be taken now: the end was undone.
  for (const saver of savers.values()) if (saver.refused && saver.refused !== shownNumber() && saver.isPending) saver.save()
  const newest = Number(document.querySelector("#run").dataset.beside)
  for (const one of cards()) if (!(Number(one.dataset.beside) >= newest)) look(one)
}

document.body.addEventListener("room:shown", catchUp)
document.body.addEventListener("room:beat", catchUp) // an answer may have been lost
document.body.addEventListener("room:online", lookAgain)
// Another page of the same person has saved something. A field that is in use here takes it once it is not.
document.body.addEventListener("room:mine", ({ detail }) => {
  if (detail.tab === page.tab) return
  for (const field of document.querySelectorAll(`${AUTO} textarea[hx-morph-skip]`)) field.behind = true
  lookAgain()
})
document.addEventListener("htmx:after:swap", ({ detail }) => detail.ctx.target?.id === "writing" && bring())
document.body.addEventListener("room:online", () => missed && !script && bring())
bring()
