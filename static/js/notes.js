// The shared notes: a copy of the document, the line that keeps it in step, and the card around it.
//
// The server has the truth: an edit counts as saved when the server has said so. Until then it is
// sent again and again; applying it twice is the same as once. On every connect both sides tell
// how far they have come and give each other what is missing, and no edit is sent before that.

import { ACTIONS, Places, Y, linkAt, linkFrom, openEditor, setLink } from "../editor/editor.js"
import { meeting, room, socket } from "./room.js"

const SCHEMA = 1 // as in ementor/notes/document.py
const PAUSE_MS = 100 // keystrokes that fall into it travel together
const ANSWER_MS = 5000
const LATE_MS = 1500 // then "Saving" becomes "Not saved yet"
const RETRY_MS = [500, 1000, 2000, 4000]
const MAX_SENT_BYTES = 120 * 1024
const MAX_ADDED_BYTES = 60 * 1024
const PLACE_MS = 150
const PLACE_AGAIN_MS = 15_000
const MISSED_MS = 800
const REMOTE = "remote"
const COLOURS = ["b", "c", "d", "e"] // of faces; the first has no class

const card = document.querySelector("#notes")
const words = card.dataset
const find = (selector) => card.querySelector(selector)
const me = Number(room.dataset.me)
const storeKey = `ementor-unsent-${meeting}-${me}`

let doc, places, view
let open = null // the part shown
let ended = false // nothing more can be written
let synced = false // hands were shaken on this line
let hello = 0 // counts handshakes; an older one's answer is void
let touched = false // this person has written, or chosen a part
let shownOnce = false
const seeded = new Set() // parts that the server has begun

// --- Keeping in step ---------------------------------------------------------------------------

let unsent = [] // edits not yet on their way
let flying = null // edits on their way, not yet answered
let waitingSince = 0
let failures = 0
let gaps = 0
let sendTimer = 0
let seen = 0 // every update of the log up to this number is in the copy
const ahead = new Set()

const bytes = (data) => new Uint8Array(data)
const isPending = () => Boolean(flying || unsent.length)
const pending = () => [...(flying ?? []), ...unsent]

function begin() {
  doc = new Y.Doc()
  places = new Places(doc)
  places.onLocal = showPlace
  places.on("change", showWriting)
  doc.on("update", (update, origin) => {
    if (origin === REMOTE) return
    if (!isPending()) waitingSince = performance.now()
    unsent.push(update)
    showState()
    soon(PAUSE_MS)
  })
}

async function ask(event, ...args) {
  if (!socket.connected) return null
  try {
    return await socket.timeout(ANSWER_MS).emitWithAck(event, meeting, ...args)
  } catch {
    return null
  }
}

function soon(delay) {
  if (sendTimer) return
  sendTimer = setTimeout(() => {
    sendTimer = 0
    send()
  }, delay)
}

const later = () => RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]

async function send() {
  if (!synced || flying || !unsent.length || ended) return
  let size = 0
  let many = 0
  while (many < unsent.length && (many === 0 || size + unsent[many].length <= MAX_SENT_BYTES)) size += unsent[many++].length
  const batch = (flying = unsent.splice(0, many))
  const answer = await ask("note:update", Y.mergeUpdates(batch))
  if (flying !== batch) return // the line went down, or it was taken back
  if (answer?.ok) {
    flying = null
    failures = gaps = 0
    hear(answer.number)
    waitingSince = performance.now()
    if (!isPending()) forget()
    else soon(0)
  } else {
    land()
    if (answer) refused(answer)
    else soon(later())
  }
  showState()
}

/** What was on its way has to be sent again. */
function land() {
  unsent = pending()
  flying = null
}

async function shakeHands() {
  const mine = ++hello
  synced = false
  const parts = listParts().map(({ part }) => part)
  const answer = await ask("note:sync", Y.encodeStateVector(doc), SCHEMA)
  if (mine !== hello) return
  if (!answer) {
    setTimeout(() => mine === hello && socket.connected && shakeHands(), later())
    return
  }
  if (!answer.ok) return refused(answer)
  Y.applyUpdate(doc, bytes(answer.update), REMOTE)
  seen = answer.number
  for (const number of ahead) if (number <= seen) ahead.delete(number)
  hear(seen)
  parts.forEach((part) => seeded.add(part))
  synced = true
  recall()
  // All of our own that the server lacks is among the pending edits, except after a gap or when
  // the server has gone back to an older copy.
  const vector = bytes(answer.state_vector)
  if (lacks(vector) && (gaps || !isPending())) unsent = [Y.encodeStateAsUpdate(doc, vector)]
  if (isPending()) soon(0)
  showParts()
  showEditable()
  showState()
}

/** Tell whether a copy at this state vector lacks something that ours has. */
function lacks(vector) {
  const theirs = Y.decodeStateVector(vector)
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc))) {
    if ((theirs.get(client) ?? 0) < clock) return true
  }
  return false
}

/** An update of the log with this number is in the copy. */
function hear(number) {
  if (number > seen) ahead.add(number)
  while (ahead.delete(seen + 1)) seen++
  if (ahead.size) expect(seen + 1)
}

/** There is an update with this number: when it is not here soon, it is asked for. */
function expect(number) {
  if (number > seen) setTimeout(() => synced && seen < number && shakeHands(), MISSED_MS)
}

/** The server does not take it. */
function refused({ error, message }) {
  if (error === "gap" && gaps++ < 3) return shakeHands()
  if (["garbage", "too_large", "full", "invalid", "gap"].includes(error)) return takeBack(message)
  if (["ended", "old_page", "not_found", "not_allowed"].includes(error)) {
    ended = true
    synced = false
    tell(message)
    return showEditable()
  }
  soon(later()) // it was busy; the edits wait
  if (!synced) setTimeout(() => socket.connected && !synced && !ended && shakeHands(), later())
}

/** Forget our own unsaved edits and show what everybody else sees. */
function takeBack(message) {
  unsent = []
  flying = null
  gaps = 0
  forget()
  tell(`${message} ${words.takenBack}`)
  closeEditor()
  doc.destroy()
  seeded.clear()
  begin()
  shakeHands()
}

room.addEventListener("room:online", shakeHands)
room.addEventListener("room:offline", () => {
  hello++
  synced = false
  land()
  places.forget()
  showState()
})
// Nothing depends on a message arriving: with each heartbeat of the room the newest number is asked.
room.addEventListener("room:beat", async () => {
  const answer = synced && (await ask("note:newest"))
  if (answer?.ok) expect(answer.number)
})
room.addEventListener("room:shown", showParts)
socket.on("note:poke", ({ number }) => expect(number))
socket.on("note:update", ({ update, number }) => {
  Y.applyUpdate(doc, bytes(update), REMOTE)
  hear(number)
})

// --- Unsaved text survives a reload ------------------------------------------------------------

// Only what is not saved, only in this tab, and only until it is.

function keep() {
  try {
    if (!isPending()) return forget()
    const update = Y.mergeUpdates(pending())
    let text = ""
    for (let at = 0; at < update.length; at += 8192) text += String.fromCharCode(...update.subarray(at, at + 8192))
    sessionStorage.setItem(storeKey, btoa(text))
  } catch {
    // No storage, or a full one: the warning on leaving remains.
  }
}

function forget() {
  try {
    sessionStorage.removeItem(storeKey)
  } catch {
    // There was none.
  }
}

function recall() {
  let kept = null
  try {
    kept = sessionStorage.getItem(storeKey)
    if (kept) Y.applyUpdate(doc, Uint8Array.from(atob(kept), (char) => char.charCodeAt(0)), "kept")
  } catch {
    forget()
  }
  if (kept && !isPending()) forget() // it had arrived after all
}

addEventListener("pagehide", keep)
document.addEventListener("visibilitychange", () => document.hidden && keep())
addEventListener("beforeunload", (event) => {
  if (!isPending() || ended) return
  keep()
  event.preventDefault()
})

// --- The save state ----------------------------------------------------------------------------

const stateLine = find("[role=status]")
let stateTimer = 0

function showState() {
  clearTimeout(stateTimer)
  let state = shownOnce ? "saved" : "opening"
  if (isPending()) {
    const late = performance.now() - waitingSince - LATE_MS
    state = late >= 0 || !socket.connected || room.dataset.connected === "false" ? "unsaved" : "saving"
    if (state === "saving") stateTimer = setTimeout(showState, -late + 20)
    else keep()
  } else if (synced) {
    shownOnce = true
    state = "saved"
  }
  if (stateLine.dataset.state === state) return
  // Read out when it gets bad and when it is good again, not at every keystroke.
  stateLine.setAttribute("aria-live", state === "unsaved" || stateLine.dataset.state === "unsaved" ? "polite" : "off")
  stateLine.dataset.state = state
  stateLine.textContent = words[state]
}

// A line that was cut may take a while to notice it; new edits still have their own clock.
setInterval(() => {
  if (isPending()) showState()
  places.forget((key, age) => age > Places.STALE_MS)
}, 1000)

const news = find(".note-news")

function tell(text) {
  news.hidden = !text
  news.querySelector("p").textContent = text
}

find("[data-hide-news]").addEventListener("click", () => {
  tell("")
  view?.focus()
})

// --- Parts ---------------------------------------------------------------------------------------

const tabs = find("[role=tablist]")
const nowLine = find(".note-now")
let current = null // the part the group is at

/** The parts there are: one for each agenda item, and the general one. */
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
  const parts = listParts()
  if (open && !parts.some(({ part }) => part === open.part)) {
    // Somebody deleted the item while its notes are open here: nobody's editor is pulled away.
    parts.push({ ...open, number: null, current: false, title: words.removed.replace("{part}", open.own ?? open.title), own: open.own ?? open.title })
  }
  const before = current
  current = parts.find((one) => one.current)?.part ?? null
  if (parts.some(({ part }) => !seeded.has(part)) && synced) shakeHands()
  if (!open) show(parts.find((one) => one.current) ?? parts[0])
  else if (current && current !== before && current !== open.part && isIdle()) show(parts.find((one) => one.current))
  else show(parts.find(({ part }) => part === open.part))
  drawTabs(parts)
  const there = parts.find(({ part }) => part === current)
  nowLine.hidden = !there || current === open.part
  if (there) nowLine.querySelector("b").textContent = there.title
}

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
  const chosen = listParts().find((one) => one.part === part)
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

const label = () => words.label.replace("{part}", open.title)
const isEditable = () => !ended && seeded.has(open?.part)

function show(part) {
  const same = view && open?.part === part.part && view.fragment.doc === doc
  open = part
  if (same) return view.dom.setAttribute("aria-label", label())
  closeEditor()
  const place = document.createElement("div")
  place.className = "doc"
  place.id = "doc"
  page.replaceChildren(place)
  const fragment = doc.getXmlFragment(part.part)
  view = openEditor({
    place,
    fragment,
    places,
    label,
    hint: words.hint,
    editable: isEditable,
    maxBytes: MAX_ADDED_BYTES,
    onTooLong: () => tell(words.tooLong),
    onChange(changed, tr) {
      if (tr.docChanged && !tr.getMeta("y-sync$")) touched = true
      showTools()
    },
    askForLink,
  })
  view.fragment = fragment
  showEditable()
}

function closeEditor() {
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
const tools = [...toolbar.querySelectorAll("button")]
tools.forEach((tool, at) => (tool.tabIndex = at ? -1 : 0))

function showTools() {
  for (const tool of tools) {
    tool.disabled = !view || !isEditable()
    tool.setAttribute("aria-pressed", String(Boolean(view && ACTIONS[tool.dataset.act].active(view.state))))
  }
}

toolbar.addEventListener("mousedown", (event) => event.preventDefault()) // keep the selection
toolbar.addEventListener("click", ({ target }) => {
  const act = target.closest("button")?.dataset.act
  if (!act || !view) return
  if (act === "link") return askForLink()
  ACTIONS[act].run(view.state, view.dispatch)
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

/** Tell the others where we are: the newest place, a few times a second. */
function showPlace() {
  if (placeTimer) return
  placeTimer = setTimeout(() => {
    placeTimer = 0
    sendPlace()
  }, PLACE_MS)
}

function sendPlace() {
  if (!synced || ended || !open) return
  const cursor = places.getLocalState().cursor
  const encode = (position) => (cursor ? Y.encodeRelativePosition(position) : NOWHERE)
  socket.volatile.emit("note:aware", meeting, open.part, encode(cursor?.anchor), encode(cursor?.head), () => {})
}

setInterval(() => places.getLocalState().cursor && sendPlace(), PLACE_AGAIN_MS)

socket.on("note:aware", ({ who, user, part, anchor, head }) => {
  if (user.id === me) return
  try {
    const cursor = anchor.byteLength
      ? { anchor: Y.decodeRelativePosition(bytes(anchor)), head: Y.decodeRelativePosition(bytes(head)) }
      : null
    // y-prosemirror wants a colour it can write inline; our builders use the class instead.
    places.hear(who, { id: user.id, part, name: user.name, colour: colourOf(user), color: "#000000" }, cursor)
  } catch {
    // A place that cannot be read is nowhere.
  }
})

const writing = find("[data-writing]")
const shownFace = (user) => document.querySelector(`#run .face[data-person="${user.id}"]`)

/** The colour of a person's face in the page, as its class; somebody just coming has none yet. */
const colourOf = (user) => COLOURS.find((colour) => shownFace(user)?.classList.contains(colour)) ?? "a"

/** Show the faces of those who have their cursor in the notes. */
function showWriting() {
  const people = new Map([...places.getStates().values()].map(({ user }) => [user.id, user]))
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

begin()
showParts()
showState()
if (room.dataset.connected === "true") shakeHands() // the room was quicker than this script
