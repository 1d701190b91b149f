// The notes: a copy of the group's document and one of this person's own, the line that keeps each in
// step, and the card around them.
//
// The server has the truth: an edit counts as saved when the server has said so. Until then it is
// sent again and again; applying it twice is the same as once. On every connect both sides tell
// how far they have come and give each other what is missing, and no edit is sent before that.

import { ACTIONS, OFF_CLIENTS, Part, Places, Y, bareOf, clientsOf, deletionOf, labels, linkAt, linkFrom, openEditor, piecesOf, setLink, stateVector, wordsOf } from "../../editor/editor.js"
import { room } from "../core/clock.js"
import { meeting, socket } from "../core/connection.js"

const SCHEMA = 3 // as in ementor/notes/document.py
const PAUSE_MS = 100 // keystrokes that fall into it travel together
const ANSWER_MS = 5000
const LATE_MS = 1500 // then "Saving" becomes "Not saved yet"
const RETRY_MS = [500, 1000, 2000, 4000]
const MOST_EDITS = 400
const MAX_SENT_BYTES = 120 * 1024
const MAX_ADDED_BYTES = 60 * 1024
const PLACE_MS = 150
const PLACE_AGAIN_MS = 15_000
const MISSED_MS = 800
const COMPOSING_MS = 4000
const LOOK_MS = 100
const REMOTE = "remote" // where a change of a copy comes from: from the server,
const TAKEN = "taken back" // or because the server did not take it
const SERVER_CLIENTS = 2 ** 20 // client ids below are the server's, see ementor/notes/document.py
const NOT_TAKEN = ["garbage", "too_large", "full", "invalid", "gap"]
const COLOURS = ["b", "c", "d", "e"] // of faces; the first has no class

const card = document.querySelector("#notes")
const words = card.dataset
const find = (selector) => card.querySelector(selector)
const me = Number(room.dataset.me)

let view
let open = null // the part shown
let ended = "" // why nothing more can be written
let touched = false // this person has written, or chosen a part

// --- Keeping in step ---------------------------------------------------------------------------

const bytes = (data) => new Uint8Array(data)

/** A copy of one document, and what keeps it in step: the group's ("note"), or this person's own ("own"). */
class Copy {
  constructor(name, storeKey, parts) {
    Object.assign(this, { name, storeKey, parts })
    this.shown = false // it was in step once
    this.synced = false // hands were shaken on this line
    this.hello = 0 // counts handshakes; an older one's answer is void
    this.seeded = new Set() // parts that the server has begun
    this.unsent = [] // edits not yet on their way
    this.lost = null // what was not taken, merged
    this.flying = null // edits on their way, not yet answered
    this.most = MOST_EDITS // edits that travel together: fewer once the server has not taken some
    this.waitingSince = this.failures = this.gaps = this.timer = 0
    this.seen = 0 // every update of the log up to this number is in the copy
    this.ahead = new Set()
    this.begin()
    socket.on(`${name}:poke`, ({ number }) => this.expect(number))
    socket.on(`${name}:update`, ({ update, number, place }) => {
      this.apply(bytes(update))
      this.hear(number)
      if (place) hearPlace(place)
    })
    room.addEventListener("room:online", () => this.shakeHands())
    room.addEventListener("room:offline", () => {
      this.hello++
      this.synced = false
      this.land()
      this.places.forget()
      showState()
    })
    // Nothing depends on a message arriving: with each heartbeat of the room the newest number is asked.
    room.addEventListener("room:beat", async () => {
      const answer = this.synced && (await this.ask("newest"))
      if (answer?.ok) this.expect(answer.number)
    })
  }

  begin() {
    this.doc = new Y.Doc()
    while (this.doc.clientID < SERVER_CLIENTS) this.doc.clientID = crypto.getRandomValues(new Uint32Array(1))[0]
    this.own = new Set([this.doc.clientID, this.doc.clientID + OFF_CLIENTS]) // client ids of what was written here
    this.opened = new Map() // part name -> Part
    this.held = [] // what has come and is not taken in yet
    this.holding = this.typedAt = 0
    this.places = new Places()
    if (this.name === "note") this.places.on(showWriting)
    this.doc.on("update", (update, origin) => {
      if (origin === REMOTE || origin === TAKEN) return
      this.typedAt = performance.now()
      if (!this.isPending()) this.waitingSince = performance.now()
      this.unsent.push(...piecesOf(update))
      showState()
      this.soon(PAUSE_MS)
    })
  }

  /** A part of the copy, with what can be undone in it. */
  part(name) {
    if (!this.opened.has(name)) this.opened.set(name, new Part(this.doc, name))
    return this.opened.get(name)
  }

  /**
   * Take in what comes from the server. While an input method shows letters that are not chosen yet it waits, as a
   * change beside them would choose them: until they are, or nothing was typed for a while.
   */
  apply(update) {
    this.held.push(update)
    if (view?.part.doc === this.doc && view.composing && performance.now() - this.typedAt < COMPOSING_MS) {
      this.holding ||= setTimeout(() => {
        this.holding = 0
        if (this.held.length) this.apply(this.held.pop())
      }, LOOK_MS)
    } else this.release()
  }

  release() {
    if (!this.held.length) return
    if (view?.part.doc === this.doc) view.domObserver.flush() // what the browser has not told the editor yet is older
    const updates = this.held.splice(0)
    Y.applyUpdate(this.doc, updates.length > 1 ? Y.mergeUpdates(updates) : updates[0], REMOTE)
  }

  isPending() {
    return Boolean(this.flying || this.unsent.length)
  }

  pending() {
    return [...(this.flying ?? []), ...this.unsent]
  }

  async ask(event, ...args) {
    if (!socket.connected) return null
    try {
      return await socket.timeout(ANSWER_MS).emitWithAck(`${this.name}:${event}`, meeting, ...args)
    } catch {
      return null
    }
  }

  soon(delay) {
    this.timer ||= setTimeout(() => {
      this.timer = 0
      this.send()
    }, delay)
  }

  later() {
    return RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]
  }

  async send() {
    const { unsent } = this
    if (!this.synced || this.flying || !unsent.length || ended) return
    let size = 0
    let many = 0
    while (many < unsent.length && many < this.most && (many === 0 || size + unsent[many].length <= MAX_SENT_BYTES)) size += unsent[many++].length
    const batch = (this.flying = unsent.splice(0, many))
    // Where the cursor is after them rides along.
    const place = this.name === "note" && myPlace ? placed() : []
    if (place.length) forgetPlace()
    const answer = await this.ask("update", Y.mergeUpdates(batch), ...place)
    if (this.flying !== batch) return // the line went down, or it was taken back
    if (answer?.ok) {
      this.flying = null
      this.failures = this.gaps = 0
      if (batch.length > 1 || batch[0] !== this.bare) this.most = Math.min(this.most * 2, MOST_EDITS)
      this.hear(answer.number)
      this.waitingSince = performance.now()
      if (!this.isPending()) this.forget()
      else this.soon(0)
    } else {
      this.land()
      if (answer) this.refused(answer, batch.length)
      else this.soon(this.later())
    }
    showState()
  }

  /** What was on its way has to be sent again. */
  land() {
    this.unsent = this.pending()
    this.flying = null
  }

  async shakeHands() {
    const mine = ++this.hello
    this.synced = false
    const parts = this.parts()
    const answer = await this.ask("sync", Y.encodeStateVector(this.doc), SCHEMA)
    if (mine !== this.hello) return
    if (!answer) {
      setTimeout(() => mine === this.hello && socket.connected && this.shakeHands(), this.later())
      return
    }
    if (!answer.ok) return this.refused(answer)
    this.apply(bytes(answer.update))
    this.seen = answer.number
    for (const number of this.ahead) if (number <= this.seen) this.ahead.delete(number)
    this.hear(this.seen)
    parts.forEach((part) => this.seeded.add(part))
    this.synced = this.shown = true
    this.recall()
    // All of our own that the server lacks is among the pending edits, except after a gap or when
    // the server has gone back to an older copy.
    const vector = bytes(answer.state_vector)
    const lacking = this.lacking(vector)
    if (lacking && (this.gaps || !this.isPending())) this.unsent = piecesOf(lacking)
    if (this.isPending()) this.soon(0)
    showParts()
    showEditable()
    showState()
  }

  /** What was written here and a copy at this state vector has not; null when it has it all. */
  lacking(vector) {
    const theirs = Y.decodeStateVector(vector)
    const clocks = Y.decodeStateVector(Y.encodeStateVector(this.doc))
    const mine = [...this.own].filter((client) => (theirs.get(client) ?? 0) < (clocks.get(client) ?? 0))
    for (const client of mine) clocks.set(client, theirs.get(client) ?? 0)
    return mine.length ? Y.encodeStateAsUpdate(this.doc, stateVector(clocks)) : null
  }

  /** An update of the log with this number is in the copy. */
  hear(number) {
    if (number > this.seen) this.ahead.add(number)
    while (this.ahead.delete(this.seen + 1)) this.seen++
    if (this.ahead.size) this.expect(this.seen + 1)
  }

  /** There is an update with this number: when it is not here soon, it is asked for. */
  expect(number) {
    if (number > this.seen) setTimeout(() => this.synced && this.seen < number && this.shakeHands(), MISSED_MS)
  }

  /** The server does not take it: so many edits, or (0) the handshake. */
  refused({ error, message }, many = 0) {
    if (error === "gap" && this.gaps++ < 3) return this.shakeHands()
    if (many && NOT_TAKEN.includes(error)) return this.notTaken(many, message)
    if (["ended", "old_page", "not_found", "not_allowed"].includes(error)) {
      ended = error
      this.synced = false
      tell(message)
      return showEditable()
    }
    this.soon(this.later()) // it was busy; the edits wait
    if (!this.synced) setTimeout(() => socket.connected && !this.synced && !ended && this.shakeHands(), this.later())
  }

  /** One of these edits is not taken: find it, take back that one, and send the others. */
  notTaken(many, message) {
    if (many > 1) {
      this.most = Math.ceil(many / 2)
      return this.soon(0)
    }
    const [update] = this.unsent.splice(0, 1)
    this.gaps = 0
    if (this.bare === update) return this.startAgain(message)
    Y.applyUpdate(this.doc, deletionOf(update), TAKEN)
    this.lose([update], message)
    this.bare = bareOf(update)
    this.unsent.unshift(this.bare)
    this.keep()
    this.soon(0)
  }

  /** What was typed letter by letter is not taken letter by letter, and is read as what was typed. */
  lose(updates, message) {
    this.lost = Y.mergeUpdates([...(this.lost ? [this.lost] : []), ...updates])
    takeBack(message)
  }

  /** Not even its place is taken: go on from what the server has, with all that is unsent in sight. */
  startAgain(message) {
    this.lose(this.pending(), message)
    this.unsent = []
    this.flying = this.bare = null
    this.forget()
    closeEditor()
    this.doc.destroy()
    this.seeded.clear()
    this.begin()
    this.shakeHands()
  }

  // Unsaved text survives a reload: only what is not saved, only in this tab, and only until it is.

  keep() {
    if (!this.isPending()) return this.forget()
    store(this.storeKey, JSON.stringify(this.pending().map(asText)))
  }

  forget() {
    store(this.storeKey, null)
  }

  recall() {
    const kept = stored(this.storeKey)
    try {
      for (const one of JSON.parse(kept ?? "[]")) {
        const update = asBytes(one)
        for (const client of clientsOf(update)) this.own.add(client)
        Y.applyUpdate(this.doc, update, "kept")
        if (this.doc.store.pendingStructs) this.lose([update], "") // something before it is nowhere any more
      }
    } catch {
      this.forget()
    }
    if (kept && !this.isPending()) this.forget() // it had arrived after all
  }
}

function asText(update) {
  let text = ""
  for (let at = 0; at < update.length; at += 8192) text += String.fromCharCode(...update.subarray(at, at + 8192))
  return btoa(text)
}

const asBytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

function store(key, text) {
  try {
    if (text === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, text)
  } catch {
    // No storage, or a full one: the warning on leaving remains.
  }
}

function stored(key) {
  try {
    return sessionStorage.getItem(key)
  } catch {
    return null
  }
}

const storeKey = `ementor-unsent-${SCHEMA}-${meeting}-${me}`
const copies = []
let group, own

/** This person's own notes, opened at the first use. */
function ownCopy() {
  if (own) return own
  copies.push((own = new Copy("own", `${storeKey}-own`, () => ["mine"])))
  if ("joined" in room.dataset) own.shakeHands()
  return own
}

const copyOf = (part) => (part === "mine" ? ownCopy() : group)

room.addEventListener("room:shown", showParts)
room.addEventListener("room:shown", () => {
  const told = document.querySelector("#clock-data").dataset.readers // the group may change who reads while it is written
  if (told && find(".readers").textContent !== told) find(".readers").textContent = told
})
const keep = () => copies.forEach((copy) => copy.keep())
addEventListener("pagehide", keep)
document.addEventListener("visibilitychange", () => document.hidden && keep())
addEventListener("beforeunload", (event) => {
  if (ended || !copies.some((copy) => copy.isPending())) return
  keep()
  event.preventDefault()
})

// --- The save state ----------------------------------------------------------------------------

const stateLine = find("[role=status]")
let stateTimer = 0

function showState() {
  clearTimeout(stateTimer)
  let state = copyOf(open?.part).shown ? "saved" : "opening"
  const waiting = copies.filter((copy) => copy.isPending())
  if (waiting.length) {
    const late = performance.now() - Math.min(...waiting.map((copy) => copy.waitingSince)) - LATE_MS
    state = late >= 0 || !socket.connected || room.dataset.connected === "false" ? "unsaved" : "saving"
    if (state === "saving") stateTimer = setTimeout(showState, -late + 20)
    else keep()
  }
  if (stateLine.dataset.state === state) return
  // Read out when it gets bad and when it is good again, not at every keystroke.
  stateLine.setAttribute("aria-live", state === "unsaved" || stateLine.dataset.state === "unsaved" ? "polite" : "off")
  stateLine.dataset.state = state
  stateLine.textContent = words[state]
}

// A line that was cut may take a while to notice it; new edits still have their own clock.
setInterval(() => {
  if (copies.some((copy) => copy.isPending())) showState()
  group.places.forget((key, age) => age > Places.STALE_MS)
}, 1000)

const news = find(".note-news")

function tell(text) {
  news.hidden = !text
  news.querySelector("p").textContent = text
}

const takenKey = `ementor-taken-${meeting}-${me}`
const taken = news.querySelector("textarea")

let takenBefore = stored(takenKey) ?? "" // by a page before this one

/** Words that the server did not take stay in sight, to be copied, until their author puts them away. */
function takeBack(message) {
  const words = copies.map(({ lost }) => (lost ? wordsOf(lost) : ""))
  showTaken([takenBefore, ...words].filter((some) => some.trim()).join("\n"))
  tell(`${message} ${card.dataset.takenBack}`.trim())
}

function showTaken(words) {
  taken.value = words
  taken.hidden = !words
  taken.rows = Math.min(words.split("\n").length + 1, 8)
  store(takenKey, words || null)
}

find("[data-hide-news]").addEventListener("click", () => {
  takenBefore = ""
  copies.forEach((copy) => (copy.lost = null))
  showTaken("")
  tell("")
  view?.focus()
})

// --- Parts ---------------------------------------------------------------------------------------

const tabs = find("[role=tablist]")
const nowLine = find(".note-now")
let current = null // the part the group is at
const standing = ["outside", "mine"].map((part) => ({ part, number: null, title: words[part], current: false }))

/** The group's parts: one for each agenda item, and the general one. */
function listParts() {
  const items = [...document.querySelectorAll("#agenda li[data-item]")].map((item, at) => ({
    part: `item-${item.dataset.item}`,
    number: at + 1,
    title: item.dataset.title,
    current: item.getAttribute("aria-current") === "step",
  }))
  return [...items, { part: "general", number: null, title: words.general, current: false }]
}

function showParts() {
  if (ended === "ended" && !isClosed()) {
    ended = "" // the end was undone
    copies.forEach((copy) => copy.shakeHands())
  }
  const parts = listParts()
  const all = [...parts, ...standing]
  if (open && !all.some(({ part }) => part === open.part)) {
    // Somebody deleted the item while its notes are open here: nobody's editor is pulled away.
    const removed = { ...open, number: null, current: false, title: words.removed.replace("{part}", open.own ?? open.title), own: open.own ?? open.title }
    parts.push(removed)
    all.push(removed)
  }
  const before = current
  current = parts.find((one) => one.current)?.part ?? null
  if (group.synced && group.parts().some((part) => !group.seeded.has(part))) group.shakeHands()
  if (!open) show(parts.find((one) => one.current) ?? parts[0])
  else if (current && current !== before && current !== open.part && isIdle()) show(parts.find((one) => one.current))
  else show(all.find(({ part }) => part === open.part))
  showScope()
  showEditable()
  drawTabs(parts)
  const there = parts.find(({ part }) => part === current)
  nowLine.hidden = !there || current === open.part
  if (there) nowLine.querySelector("b").textContent = there.title
}

const scopes = find(".note-scopes")
let groupPart = null // the last of the group's parts that was shown

function showScope() {
  const scope = standing.some(({ part }) => part === open.part) ? open.part : "group"
  if (scope === "group") groupPart = open.part
  tabs.hidden = scope !== "group"
  if (tabs.hidden) shownTab = null // what is hidden forgets how far it was scrolled
  for (const button of scopes.children) button.setAttribute("aria-pressed", String(button.dataset.scope === scope))
  for (const line of card.querySelectorAll("[data-for]")) line.hidden = !line.dataset.for.includes(scope)
  const heading = find("h2")
  heading.textContent = heading.dataset[scope] ?? heading.dataset.shared
  if (scope === "group") return page.removeAttribute("aria-label")
  page.removeAttribute("aria-labelledby")
  page.setAttribute("aria-label", open.title)
}

scopes.addEventListener("click", ({ target }) => {
  const scope = target.closest("button")?.dataset.scope
  if (scope) choose(scope === "group" ? groupPart ?? current ?? "general" : scope)
})

const isIdle = () => !touched && !view?.hasFocus() && find(".note-link").hidden

function drawTabs(parts) {
  const focused = tabs.contains(document.activeElement)
  for (const one of parts) {
    let tab = document.getElementById(`tab-${one.part}`)
    if (!tab) {
      tab = document.createElement("button")
      tab.type = "button"
      tab.id = `tab-${one.part}`
      tab.dataset.part = one.part
      tab.setAttribute("role", "tab")
      tab.setAttribute("aria-controls", "note-page")
      tab.append(document.createElement("small"), document.createElement("bdi"))
    }
    tab.querySelector("small").textContent = one.number ?? ""
    tab.querySelector("bdi").textContent = one.title
    tab.classList.toggle("now", one.current)
    const chosen = one.part === open.part
    tab.setAttribute("aria-selected", String(chosen))
    tab.tabIndex = chosen ? 0 : -1
    const at = tabs.children[parts.indexOf(one)]
    if (at !== tab) tabs.insertBefore(tab, at ?? null)
    if (chosen) {
      page.setAttribute("aria-labelledby", tab.id)
      if (shownTab !== one.part) tabs.scrollTo({ left: tab.offsetLeft - tabs.offsetLeft - 40 })
      shownTab = one.part
      if (focused && !tabs.contains(document.activeElement)) tab.focus()
    }
  }
  while (tabs.children.length > parts.length) tabs.lastElementChild.remove()
}

let shownTab = null
const page = find("[role=tabpanel]")
page.id = "note-page"

tabs.addEventListener("click", ({ target }) => {
  const tab = target.closest("[role=tab]")
  if (tab) choose(tab.dataset.part)
})
tabs.addEventListener("keydown", (event) => {
  const all = [...tabs.children]
  const next = steer(event, all, all.indexOf(event.target))
  if (!next) return
  choose(next.dataset.part)
  next.focus()
})
find("[data-go]").addEventListener("click", () => {
  choose(current)
  touched = false // with the group again
  view?.focus()
})

function choose(part) {
  touched = part !== current
  const chosen = [...listParts(), ...standing].find((one) => one.part === part)
  if (chosen) show(chosen)
  showParts()
}

/** Return which of ``all`` an arrow key leads to from ``at``; null for other keys. */
function steer(event, all, at) {
  const rtl = getComputedStyle(card).direction === "rtl" ? -1 : 1
  const step = { ArrowRight: rtl, ArrowLeft: -rtl }[event.key]
  const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : step ? (at + step + all.length) % all.length : -1
  if (to < 0 || event.altKey || event.ctrlKey || event.metaKey) return null
  event.preventDefault()
  return all[to]
}

// --- The editor ----------------------------------------------------------------------------------

const label = () => (open.part === "mine" ? open.title : words.label.replace("{part}", open.title))
const isClosed = () => document.querySelector("#run").dataset.phase === "closed"
const isEditable = () => !ended && !isClosed() && Boolean(open) && copyOf(open.part).seeded.has(open.part)
Object.assign(labels, { off_record: words.offRecord, insight: words.insight, next_step: words.nextStep })

function show(part) {
  const { places } = copyOf(part.part)
  const shown = copyOf(part.part).part(part.part)
  const same = view?.part === shown
  open = part
  if (same) return view.dom.setAttribute("aria-label", label())
  closeEditor()
  const place = document.createElement("div")
  place.className = "doc"
  place.id = "doc"
  page.replaceChildren(place)
  view = openEditor({
    place,
    part: shown,
    places,
    label,
    hint: part.part === "mine" ? words.hintMine : words.hint,
    editable: isEditable,
    maxBytes: MAX_ADDED_BYTES,
    onTooLong: () => tell(words.tooLong),
    onChange(_, isOwn) {
      touched ||= isOwn
      showTools()
    },
    onPlace: showPlace,
    askForLink,
  })
  view.part = shown
  showEditable()
  showState()
}

function closeEditor() {
  copies.forEach((copy) => copy.release())
  view?.part.attach(null)
  view?.destroy()
  view = null
  find(".note-link").hidden = true
}

function showEditable() {
  view?.setProps({ editable: isEditable })
  showTools()
}

// --- The toolbar ---------------------------------------------------------------------------------

const toolbar = find("[role=toolbar]")
let wasOff = false // the cursor was in a section off the record
const tools = [...toolbar.querySelectorAll("button")]
tools.forEach((tool, at) => (tool.tabIndex = at ? -1 : 0))

function showTools() {
  for (const tool of tools) {
    const { act } = tool.dataset
    tool.disabled = !view || !isEditable()
    // Not disabled, which would take the focus away from who has just undone the last change.
    if (act === "undo" || act === "redo") tool.setAttribute("aria-disabled", String(!view?.part.undoing[act === "undo" ? "canUndo" : "canRedo"]()))
    if (ACTIONS[act]) tool.setAttribute("aria-pressed", String(Boolean(view && ACTIONS[act].active(view.state))))
  }
  const off = Boolean(view?.hasFocus() && ACTIONS.off_record.active(view.state))
  if (off && !wasOff) document.querySelector("#status").textContent = words.offRecord
  wasOff = off
}

toolbar.addEventListener("mousedown", (event) => event.preventDefault()) // keep the selection
toolbar.addEventListener("click", ({ target }) => {
  const act = target.closest("button")?.dataset.act
  if (!act || !view) return
  if (act === "link") return askForLink()
  if (ACTIONS[act]) ACTIONS[act].run(view.state, view.dispatch)
  else view.part[act]()
  view.focus()
})
toolbar.addEventListener("keydown", (event) => {
  const next = steer(event, tools, tools.indexOf(event.target))
  if (!next) return
  tools.forEach((tool) => (tool.tabIndex = tool === next ? 0 : -1))
  next.focus()
})

const linkForm = find(".note-link")

function askForLink() {
  if (!view || !isEditable()) return true
  const old = linkAt(view.state)
  linkForm.hidden = false
  linkForm.href.value = old?.href ?? ""
  linkForm.querySelector("[data-unlink]").hidden = !old
  const away = linkForm.querySelector("[data-open]")
  away.hidden = !old || !linkFrom(old.href)
  if (!away.hidden) away.href = linkFrom(old.href)
  sayWrong("")
  linkForm.href.focus()
  linkForm.href.select()
  return true
}

function sayWrong(text) {
  find("#note-address-wrong").textContent = text
  linkForm.href.toggleAttribute("aria-invalid", Boolean(text))
  if (text) linkForm.href.setAttribute("aria-invalid", "true")
}

function finishLink(href) {
  linkForm.hidden = true
  if (href !== undefined) setLink(href)(view.state, view.dispatch)
  view.focus()
}

linkForm.addEventListener("submit", (event) => {
  event.preventDefault()
  const href = linkFrom(linkForm.href.value)
  if (href) return finishLink(href)
  sayWrong(words.badLink)
  linkForm.href.focus()
})
linkForm.addEventListener("keydown", (event) => event.key === "Escape" && finishLink())
find("[data-unlink]").addEventListener("click", () => finishLink(null))
find("[data-cancel]").addEventListener("click", () => finishLink())

// --- Who is where --------------------------------------------------------------------------------

const NOWHERE = new Uint8Array()
let placeTimer = 0
let myPlace = null

/** Tell the others where we are: the newest place, a few times a second. */
function showPlace(place) {
  if (!place && !myPlace) return
  myPlace = place
  if (placeTimer) return
  placeTimer = setTimeout(() => {
    placeTimer = 0
    sendPlace()
  }, PLACE_MS)
}

function sendPlace() {
  if (!group.synced || ended || !open) return
  socket.volatile.emit("note:aware", meeting, ...placed(), () => {})
}

/** Our place as it is sent. Who writes in their own notes is nowhere, and not even that there. */
function placed() {
  const encode = (position) => (position ? Y.encodeRelativePosition(position) : NOWHERE)
  const part = open.part === "mine" ? "" : open.part
  return [part, encode(part && myPlace?.anchor), encode(part && myPlace?.head)]
}

/** It is under way already. */
function forgetPlace() {
  clearTimeout(placeTimer)
  placeTimer = 0
}

setInterval(() => myPlace && sendPlace(), PLACE_AGAIN_MS)

socket.on("note:aware", hearPlace)

function hearPlace({ who, user, part, anchor, head }) {
  if (user.id === me) return
  try {
    const cursor = anchor.byteLength
      ? { anchor: Y.decodeRelativePosition(bytes(anchor)), head: Y.decodeRelativePosition(bytes(head)) }
      : null
    group.places.hear(who, { id: user.id, part, name: user.name, colour: colourOf(user) }, cursor)
  } catch {
    // A place that cannot be read is nowhere.
  }
}

const writing = find("[data-writing]")
const shownFace = (user) => document.querySelector(`#run .face[data-person="${user.id}"]`)

/** The colour of a person's face in the page, as its class; somebody just coming has none yet. */
const colourOf = (user) => COLOURS.find((colour) => shownFace(user)?.classList.contains(colour)) ?? "a"

/** Show the faces of those who have their cursor in the notes. */
function showWriting() {
  const people = new Map([...group.places.states.values()].map(({ user }) => [user.id, user]))
  writing.hidden = !people.size
  writing.replaceChildren(...[...people.values()].map(faceOf))
}

function faceOf(user) {
  const item = document.createElement("li")
  const face = shownFace(user)?.cloneNode(true) ?? document.createElement("span")
  if (!face.textContent) {
    face.className = "face"
    face.textContent = [...user.name.trim()].slice(0, 2).join("").toUpperCase()
  }
  face.setAttribute("aria-hidden", "true")
  face.removeAttribute("data-person")
  const name = document.createElement("span")
  name.className = "vh"
  name.textContent = user.name
  item.append(face, name)
  return item
}

// --- Begin ---------------------------------------------------------------------------------------

copies.push((group = new Copy("note", storeKey, () => [...listParts().map(({ part }) => part), "outside"])))
if (stored(`${storeKey}-own`)) ownCopy()
if (takenBefore) takeBack("")
for (const key of ["", "-own"].map((which) => `ementor-unsent-${meeting}-${me}${which}`)) {
  // Unsent from before the notes had their present shape: it fits nowhere, and is no less somebody's words.
  const kept = stored(key)
  store(key, null)
  if (!kept) continue
  takenBefore = [takenBefore, wordsOf(asBytes(kept))].filter(Boolean).join("\n")
  takeBack("")
}
showParts()
showState()
if ("joined" in room.dataset) group.shakeHands() // the room was quicker than this script
