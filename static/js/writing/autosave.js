// Forms that save themselves, one post at a time, and tell the truth about it: a case's words, the closing
// reflection, quiet writing.
//
// What was changed since the last answer of the server goes in one post; while that is under
// way newer changes wait, so that an older text never arrives after a newer one. A post that
// fails is tried again, also after a reload: unsaved text is kept in this tab until it is saved. A text
// goes with the versions from which it may have grown, so that the server keeps both when two wrote
// (ementor/texts.py). Listeners sit on the document, as the parts are morphed under them.

import { unanswered } from "../core/request.js"

const PAUSE_MS = 600 // from the first unsaved letter, so that who types on and on is saved too
const LATE_MS = 1200 // then "Saving" becomes "Not saved yet"
const SETTLE_MS = 15_000 // an answer of the server rendered before our text may still be under way
const RETRY_MS = [1000, 2000, 4000, 8000]
const LIMIT_MS = [3000, 5000, 10_000] // for an answer: the first connection may be dead
const MAX_VERSIONS = 1000
const LEAVE_MS = 4000 // a saved text whose place is gone stays in sight so long

const AUTO = "form[data-autosave]"
export const savers = new Map() // form id -> Saver
export const page = { tab: Math.random().toString(36).slice(2, 12) } // tells the server where a text comes from

export const saverOf = ({ id }) => savers.get(id) ?? savers.set(id, new Saver(id)).get(id)
const shownNumber = () => document.querySelector("#run")?.dataset.number
const each = (act) => savers.forEach((saver) => saver[act]())
const KEPT = `ementor-unsaved-${document.body.dataset.me ?? ""}-`
const keyOf = (form) => `${KEPT}${form.getAttribute("action")}#${form.id}`

/** The text's bytes and their CRC-32, as ementor/texts.py computes them. */
function versionOf(text) {
  const bytes = new TextEncoder().encode(text)
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320)
  }
  return `${bytes.length}-${(~crc >>> 0).toString(16).padStart(8, "0")}`
}

const versionsOf = (text) => [text.trimEnd(), text.trim()].map(versionOf) // the server trims one way or the other

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
    if (state === "unsaved" || [this.form.dataset.both, this.form.dataset.news].includes(text) || (state === "saved" && said.textContent)) said.textContent = text
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
    const grown = sent.map(([name]) => [`seen-${name}`, this.versions.get(name).join()])
    const choices = new Map(this.pressed)
    if (!sent.length && !choices.size) return this.tell("saved")
    this.busy = true
    this.tell("saving")
    const late = setTimeout(() => this.tell("unsaved"), LATE_MS)
    const seen = fields[0]?.dataset.seen
    const number = shownNumber()
    const body = new URLSearchParams([...sent, ...choices, ["tab", page.tab], ...(seen ? [["seen", seen]] : grown)])
    let wait = 0
    let both = false
    // It may arrive and the answer be lost: then what is typed on has grown from this.
    for (const [name, text] of sent) this.versions.set(name, [...new Set([...this.versions.get(name), ...versionsOf(text)])].slice(-MAX_VERSIONS))
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
        signal: AbortSignal.timeout(LIMIT_MS[Math.min(this.failures, LIMIT_MS.length - 1)]),
      })
      if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status)
      // A choice that is refused is not tried again; a text stays in its field, unsaved.
      for (const [name, value] of choices) if (this.pressed.get(name) === value) this.pressed.delete(name)
      if (answer.ok) {
        this.failures = 0
        this.refused = ""
        this.number = Number(answer.headers.get("X-Number"))
        const now = isJson(answer) ? await answer.json() : {}
        if (composing) await new Promise((done) => addEventListener("compositionend", done, { once: true }))
        for (const [name, value] of sent) {
          const field = this.form?.elements[name]
          if (field?.dataset.seen) field.dataset.seen = answer.headers.get("X-Seen")
          both = this.arrived(field, name, value, now[name]) || both
          field?.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: this.acknowledged.get(name) }))
        }
      } else {
        this.tell("unsaved", `${this.form.dataset.unsaved}. ${await reason(answer)}`)
        this.refused = number
        this.form?.querySelector("[data-drop]")?.removeAttribute("hidden")
        wait = number === shownNumber() ? -1 : PAUSE_MS // else something has happened meanwhile
      }
      if (choices.size || (answer.status !== 204 && !isJson(answer))) this.form?.closest("[hx-get]")?.dispatchEvent(new Event("autosave:done"))
      if (choices.has("step-mine")) lookAgain() // it is chosen in two cards
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
    leave(this.form)
    showNews()
  }

  /** The server has ``value``, and keeps ``kept`` there; true when somebody else's words came with it. */
  arrived(field, name, value, kept) {
    this.acknowledged.set(name, value)
    this.versions.set(name, kept === undefined ? versionsOf(value) : [versionOf(kept)])
    const own = value.trim()
    if (!field || kept === undefined || kept === own || kept === value.trimEnd()) return false
    const at = kept.lastIndexOf(own)
    const placed = (text) => at >= 0 ? kept.slice(0, at) + text + kept.slice(at + own.length) : text === value ? kept : `${kept}\n\n${text}`
    const next = placed(field.value) // somebody may have typed on meanwhile
    this.acknowledged.set(name, placed(value))
    put(field, next, Math.max(at, 0))
    return true
  }

  // Unsaved text survives a reload: only what is not saved, only in this tab, and only until it is.

  get kept() {
    const { form } = this
    const fields = this.unsaved.map((field) => ({
      name: field.name, text: field.value, seen: field.dataset.seen, versions: this.versions.get(field.name), label: field.labels[0]?.textContent,
    }))
    return { id: form.id, action: form.getAttribute("action"), tab: page.tab, fields }
  }

  store() {
    if (!this.form) return
    try {
      if (this.unsaved.length) sessionStorage.setItem(keyOf(this.form), JSON.stringify(this.kept))
      else sessionStorage.removeItem(keyOf(this.form))
    } catch {
      // No storage, or a full one: the warning on leaving remains.
    }
  }

  recall(kept = stored(keyOf(this.form))) {
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

const isJson = (answer) => answer.headers.get("Content-Type")?.startsWith("application/json")

/** Put a text into a field; the caret stays with the words it was in, which are so much further on. */
function put(field, text, further) {
  const { selectionStart, selectionEnd, scrollTop } = field
  if (field.maxLength > 0) field.maxLength = Math.max(field.maxLength, text.length)
  field.value = text
  if (field !== document.activeElement) return
  field.setSelectionRange(selectionStart + further, selectionEnd + further)
  field.scrollTop = scrollTop
}

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key))
  } catch {
    return null // no storage, or of an older page
  }
}

function keys() {
  try {
    return Object.keys(sessionStorage)
  } catch {
    return []
  }
}

export const store = () => each("store")
const recall = () => document.querySelectorAll(AUTO).forEach((form) => saverOf(form).recall())

let composing = false
addEventListener("compositionstart", () => { composing = true }, true)
addEventListener("compositionend", () => { composing = false }, true)

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
document.addEventListener("visibilitychange", () => document.hidden ? (store(), each("save")) : lookAgain())
addEventListener("pagehide", store)

addEventListener("beforeunload", (event) => {
  store()
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
const cards = () => [...document.querySelectorAll("#reflection, #writing, #last-time:not(:has(> details:not([open])))")].filter((one) => !one.hidden || document.querySelector(".stage[data-mode=writing]"))
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
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id === "writing") bring()
  else if (detail.ctx.target?.id === "last-time") import(document.querySelector("#last-time").dataset.script).catch(() => {}) // it comes with the next one
})
document.body.addEventListener("room:online", () => missed && !script && bring())
bring()

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
    all: [...form.querySelectorAll("textarea")].map((field) => ({ name: field.name, text: field.value, label: field.labels[0]?.textContent })),
    caret: form.contains(at) && [at.selectionStart, at.selectionEnd],
  }))
})

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id === "run") {
    for (const one of under) if (!document.getElementById(one.id)) set(one, one.all)
    for (const form of loose?.querySelectorAll(AUTO) ?? []) moveBack(form)
    under = []
  }
  recall()
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
  const saver = saverOf(form)
  if (saver.isPending) page.tab = tab
  form.querySelectorAll("textarea").forEach((field) => saver.isUnsaved(field) ? saver.changed(field) : saver.guard(field))
  if (!caret) return leave(form)
  form.querySelector("textarea").focus({ preventScroll: true })
  form.querySelector("textarea").setSelectionRange(...caret)
}

/** Its place is there again. */
function moveBack(form) {
  const place = document.querySelector(`#run #${form.id}`)
  if (!place) return
  const at = form.contains(document.activeElement) && document.activeElement
  const saver = saverOf(form)
  for (const { name, value, selectionStart, selectionEnd } of form.querySelectorAll("textarea")) {
    const field = place.elements[name]
    field.value = value
    if (at?.name === name) field.focus({ preventScroll: true }), field.setSelectionRange(selectionStart, selectionEnd)
  }
  form.remove()
  loose.hidden = !loose.querySelector(AUTO)
  place.querySelectorAll("textarea").forEach((field) => saver.isUnsaved(field) ? saver.changed(field) : saver.guard(field))
}

/** What was not saved before the page was loaded, and has no place in it any more. */
function leftOver() {
  if (!loose || document.querySelector("#writing[data-beside='0'], #reflection[data-beside='0']")) return // still to come
  for (const key of keys()) {
    if (!key.startsWith(`${KEPT}/m/${document.body.dataset.meeting}/`)) continue
    const kept = stored(key)
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
  sessionStorage.removeItem(key)
})

function putAway(form) {
  form.remove()
  savers.delete(form.id)
  loose.hidden = !loose.querySelector(AUTO)
}

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
document.addEventListener("focusout", () => setTimeout(showNews))

recall()
leftOver()
