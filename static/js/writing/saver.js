// What saves one form: one post at a time, and the truth about it.
//
// What was changed since the last answer of the server goes in one post; while that is under way newer changes wait, so
// that an older text never arrives after a newer one. A post that fails is tried again, also after a reload: unsaved
// text is kept in this tab until it is saved. A text goes with the versions from which it may have grown, so that the
// server keeps both when two wrote (ementor/texts.py).

import { unanswered } from "../core/request.js"
import { tabStorage } from "../core/storage.js"
import { mergeAnswer, versionOf, versionsOf } from "./texts.js"

const PAUSE_MS = 600 // from the first unsaved letter, so that who types on and on is saved too
const LATE_MS = 1200 // then "Saving" becomes "Not saved yet"
const SETTLE_MS = 15_000 // an answer of the server rendered before our text may still be under way
const RETRY_MS = [1000, 2000, 4000, 8000]
const LIMIT_MS = [3000, 5000, 10_000] // for an answer: the first connection may be dead
const MAX_VERSIONS = 1000
const MAX_KEEPALIVE = 60_000

export const AUTO = "form[data-autosave]"
export const KEPT = `ementor-unsaved-${document.body.dataset.me ?? ""}-`
export const page = { tab: Math.random().toString(36).slice(2, 12) } // tells the server where a text comes from

/** Number of the room as it is shown. */
export const shownNumber = () => document.querySelector("#run")?.dataset.number
export const keyOf = (form) => `${KEPT}${form.getAttribute("action")}#${form.id}`

/** Ask for a card anew. */
export const look = (card) => card?.dispatchEvent(new Event("card:look"))

/** Return what was kept under ``key``; null also for what an older page has kept. */
export function keptAt(key) {
  try { return JSON.parse(tabStorage.read(key)) } catch { return null }
}

/** Saves the form with this id, also while the form is not in the page. */
class Saver {
  pressed = new Map() // button name -> value, to be posted
  acknowledged = new Map() // field name -> text the server has
  versions = new Map() // field name -> what its text may have grown from
  timer = 0
  busy = false
  failures = 0
  refused = "" // number of the room when a text was last refused
  number = 0 // of the room that has the last text

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
    return field.value !== (this.acknowledged.has(field.name) ? this.acknowledged.get(field.name) : field.defaultValue)
  }

  tell(state, text = this.form?.dataset[state]) {
    const line = this.form?.querySelector("[data-state]")
    if (!line || (line.dataset.state === state && line.textContent === text)) return
    line.dataset.state = state
    line.textContent = text ?? ""
    // A screen reader hears of trouble and of its end, not of each pause in typing.
    const said = this.form.querySelector("[data-said]")
    const isNews = [this.form.dataset.both, this.form.dataset.news].includes(text)
    if (state === "unsaved" || isNews || (state === "saved" && said.textContent)) said.textContent = text
  }

  // htmx would put the server's text into a field that has no focus, and its number on one that has:
  // not while there is news in it.
  guard(field) {
    if (!this.acknowledged.has(field.name)) this.acknowledged.set(field.name, field.defaultValue)
    if (!this.versions.has(field.name)) this.versions.set(field.name, versionsOf(field.defaultValue))
    field.setAttribute("hx-morph-skip", "")
    clearTimeout(field.settled)
    field.settled = setTimeout(() => {
      if (!field.isConnected) return
      if (field === document.activeElement || this.isUnsaved(field)) return this.guard(field)
      field.removeAttribute("hx-morph-skip")
      field.defaultValue = field.value
      this.release(field)
      if (field.behind) look(field.closest("[hx-get]"))
      field.behind = false
    }, SETTLE_MS)
  }

  release({ name }) {
    this.acknowledged.delete(name)
    this.versions.delete(name)
  }

  changed(field) {
    this.guard(field)
    this.tell(navigator.onLine ? "saving" : "unsaved")
    if (!this.busy && !this.timer) this.soon(this.form.dataset.pause ?? PAUSE_MS)
  }

  soon(delay) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), delay)
  }

  async save() {
    clearTimeout(this.timer)
    this.timer = 0
    if (this.busy || !this.form) return
    const fields = this.unsaved
    fields.forEach((field) => this.guard(field))
    const sent = fields.map((field) => [field.name, field.value])
    const choices = new Map(this.pressed)
    if (!sent.length && !choices.size) return this.tell("saved")
    this.busy = true
    this.tell("saving")
    const late = setTimeout(() => this.tell("unsaved"), LATE_MS)
    const number = shownNumber()
    let wait = 0
    let both = false
    try {
      const answer = await this.#post(sent, choices, fields[0]?.dataset.seen)
      if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status)
      // A choice that is refused is not tried again; a text stays in its field, unsaved.
      for (const [name, value] of choices) if (this.pressed.get(name) === value) this.pressed.delete(name)
      if (answer.ok) both = await this.#accepted(answer, sent)
      else {
        this.tell("unsaved", `${this.form.dataset.unsaved}. ${await reason(answer)}`)
        this.refused = number
        this.form?.querySelector("[data-drop]")?.removeAttribute("hidden")
        wait = number === shownNumber() ? -1 : PAUSE_MS // else something has happened meanwhile
      }
      if (choices.size || (answer.status !== 204 && !isJson(answer))) this.form?.closest("[hx-get]")?.dispatchEvent(new Event("autosave:done"))
      if (choices.size) say("chosen", choices)
    } catch (error) {
      this.tell("unsaved")
      if (error.name === "TimeoutError") await unanswered()
      wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]
    } finally {
      clearTimeout(late)
      this.busy = false
      this.store()
    }
    if (wait < 0 || !this.form) return
    if (this.isPending) return this.soon(wait)
    this.tell("saved", both ? this.form.dataset.both : undefined)
    say("settled", this.form)
  }

  #post(sent, choices, seen) {
    const grown = sent.map(([name]) => [`seen-${name}`, this.versions.get(name).join()])
    const body = new URLSearchParams([...sent, ...choices, ["tab", page.tab], ...(seen ? [["seen", seen]] : grown)])
    // It may arrive and the answer be lost: then what is typed on has grown from this.
    for (const [name, text] of sent) {
      this.versions.set(name, [...new Set([...this.versions.get(name), ...versionsOf(text)])].slice(-MAX_VERSIONS))
    }
    return fetch(this.form.action, {
      method: "POST",
      body,
      headers: {
        "HX-Request": "true",
        "Prefer": "return=minimal",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      },
      keepalive: body.toString().length < MAX_KEEPALIVE, // it may be the last thing the page does
      signal: AbortSignal.timeout(LIMIT_MS[Math.min(this.failures, LIMIT_MS.length - 1)]),
    })
  }

  /** The server has what was sent; true when somebody else's words came with its answer. */
  async #accepted(answer, sent) {
    let both = false
    this.failures = 0
    this.refused = ""
    this.number = Number(answer.headers.get("X-Number"))
    const now = isJson(answer) ? await answer.json() : {}
    if (composing) await new Promise((done) => addEventListener("compositionend", done, { once: true }))
    for (const [name, value] of sent) {
      const field = this.form?.elements[name]
      if (field?.dataset.seen) field.dataset.seen = answer.headers.get("X-Seen")
      both = this.#arrived(field, name, value, now[name]) || both
      field?.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: this.acknowledged.get(name) }))
    }
    return both
  }

  /** The server has ``value``, and keeps ``kept`` there; true when somebody else's words came with it. */
  #arrived(field, name, value, kept) {
    this.acknowledged.set(name, value)
    this.versions.set(name, kept === undefined ? versionsOf(value) : [versionOf(kept)])
    const answer = field && kept !== undefined && mergeAnswer(kept, value, field.value) // somebody may have typed on meanwhile
    if (!answer) return false
    this.acknowledged.set(name, mergeAnswer(kept, value, value).merged)
    put(field, answer.merged, answer.moved)
    return true
  }

  // Unsaved text survives a reload: only what is not saved, only in this tab, and only until it is.

  get kept() {
    const { form } = this
    const fields = this.unsaved.map((field) => ({
      name: field.name,
      text: field.value,
      seen: field.dataset.seen,
      versions: this.versions.get(field.name),
      label: field.labels[0]?.textContent,
    }))
    return { id: form.id, action: form.getAttribute("action"), tab: page.tab, fields }
  }

  store() {
    if (!this.form) return
    tabStorage.write(keyOf(this.form), this.unsaved.length ? JSON.stringify(this.kept) : null)
  }

  recall(kept = keptAt(keyOf(this.form))) {
    if (!kept || this.isPending) return
    for (const { name, text, seen, versions } of kept.fields) {
      const field = this.form.elements[name]
      if (!field || field.readOnly || field.value === text) continue
      page.tab = kept.tab
      this.guard(field)
      if (seen) field.dataset.seen = seen
      if (versions) this.versions.set(name, versions)
      field.value = text
      this.changed(field)
    }
    this.store()
  }
}

/** Tell the modules around: "chosen", what was posted by buttons; "settled", the form that has nothing to save any more. */
const say = (name, detail) => document.dispatchEvent(new CustomEvent(`autosave:${name}`, { detail }))
const isJson = (answer) => answer.headers.get("Content-Type")?.startsWith("application/json")

async function reason(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim()
}

/** Put a text into a field; the caret stays with the words it was in, which are so much further on. */
export function put(field, text, further) {
  const { selectionStart, selectionEnd, scrollTop } = field
  if (field.maxLength > 0) field.maxLength = Math.max(field.maxLength, text.length)
  field.value = text
  if (field !== document.activeElement) return
  field.setSelectionRange(selectionStart + further, selectionEnd + further)
  field.scrollTop = scrollTop
}

let composing = false
addEventListener("compositionstart", () => { composing = true }, true)
addEventListener("compositionend", () => { composing = false }, true)

export const savers = new Map() // form id -> Saver
export const saverOf = ({ id }) => savers.get(id) ?? savers.set(id, new Saver(id)).get(id)
export const storeAll = () => savers.forEach((saver) => saver.store())
export const saveAll = () => savers.forEach((saver) => saver.save())
export const recallAll = () => document.querySelectorAll(AUTO).forEach((form) => saverOf(form).recall())
