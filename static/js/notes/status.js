// Whether all is saved, and what the server has refused: always said, never lost.

import { Places, wordsOf } from "/static/editor/editor.js"
import { room } from "../core/clock.js"
import { meeting, socket } from "../core/connection.js"
import { tabStorage } from "../core/storage.js"
import { find, me, on, words } from "./card.js"
import { documentOf, documents, group } from "./documents.js"
import { open, view } from "./editing.js"
import { asBytes } from "./unsent.js"

const LATE_MS = 1500 // then "Saving" becomes "Not saved yet"
const REFUSED_KEY = `ementor-taken-${meeting}-${me}`

const line = find("[role=status]")
const news = find(".note-news")
const refused = news.querySelector("textarea")
let timer = 0
let refusedBefore = tabStorage.read(REFUSED_KEY) ?? "" // by a page before this one

function showState() {
  clearTimeout(timer)
  let state = documentOf(open?.part).wasSynced ? "saved" : "opening"
  const waiting = documents.filter((one) => one.isPending)
  if (waiting.length) {
    const late = performance.now() - Math.min(...waiting.map((one) => one.waitingSince)) - LATE_MS
    state = late >= 0 || !socket.connected || room.dataset.connected === "false" ? "unsaved" : "saving"
    if (state === "saving") timer = setTimeout(showState, -late + 20)
    else documents.forEach((one) => one.keep())
  }
  if (line.dataset.state === state) return
  // Read out when it gets bad and when it is good again, not at every keystroke.
  line.setAttribute("aria-live", state === "unsaved" || line.dataset.state === "unsaved" ? "polite" : "off")
  line.dataset.state = state
  line.textContent = words[state]
}

function tell(text) {
  news.hidden = !text
  news.querySelector("p").textContent = text
}

/** Refused words stay in sight, to be copied, until their author puts them away. */
function showLost(message) {
  const lost = documents.map((one) => (one.lost ? wordsOf(one.lost) : ""))
  showRefused([refusedBefore, ...lost].filter((some) => some.trim()).join("\n"))
  tell(`${message} ${words.takenBack}`.trim())
}

function showRefused(text) {
  refused.value = text
  refused.hidden = !text
  refused.rows = Math.min(text.split("\n").length + 1, 8)
  tabStorage.write(REFUSED_KEY, text || null)
}

/** Show what was refused before this page was loaded, and what was unsent in an older shape of the notes: it fits nowhere. */
export function showEarlier() {
  if (refusedBefore) showLost("")
  for (const key of ["", "-own"].map((which) => `ementor-unsent-${meeting}-${me}${which}`)) {
    const kept = tabStorage.read(key)
    tabStorage.write(key, null)
    if (!kept) continue
    refusedBefore = [refusedBefore, wordsOf(asBytes(kept))].filter(Boolean).join("\n")
    showLost("")
  }
}

find("[data-hide-news]").addEventListener("click", () => {
  refusedBefore = ""
  documents.forEach((one) => (one.lost = null))
  showRefused("")
  tell("")
  view?.focus()
})

on("state", showState)
on("news", tell)
on("stopped", tell)
on("lost", showLost)

// A connection that was cut may take a while to notice it; new edits still have their own clock.
setInterval(() => {
  if (documents.some((one) => one.isPending)) showState()
  group.places.forget((key, age) => age > Places.STALE_MS)
}, 1000)
