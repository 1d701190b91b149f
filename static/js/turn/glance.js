// The turn in a window over the call. Where the browser has such windows (Document Picture-in-Picture) it is a mirror
// of the turn's card, whose buttons press those of the room; elsewhere a small window with a page of its own.

import { meeting, room, words } from "../core/clock.js"
import { tell } from "../core/notice.js"
import { tabStorage } from "../core/storage.js"
import { tickIn } from "./timer.js"

const SIZE = { width: 360, height: 380 }
const SHEET = "/static/built/glance.css"

let pip = null

/** Open the window, or bring it to the front. Called by a click, which browsers ask for. */
export async function open() {
  delete room.dataset.pop
  if (pip) return pip.focus()
  const floats = window.documentPictureInPicture
  if (floats && window === top) {
    try {
      return mirror(await floats.requestWindow(SIZE))
    } catch { /* a browser that does not like to: the small window, then */ }
  }
  openSmall()
}

export function openSmall() {
  const small = window.open(`/m/${meeting}/glance`, `glance-${meeting}`, `popup,width=${SIZE.width},height=${SIZE.height}`)
  if (small) small.focus()
  else tell(words.blocked)
}

function mirror(other) {
  pip = other
  const doc = pip.document
  doc.documentElement.lang = document.documentElement.lang
  Object.assign(doc.documentElement.dataset, document.documentElement.dataset)
  doc.title = document.title
  for (const { href } of document.querySelectorAll("link[rel=stylesheet]")) doc.head.append(sheet(doc, href))
  doc.head.append(sheet(doc, new URL(SHEET, location.href).href))
  doc.body.className = "room glance"
  const frame = doc.createElement("main")
  frame.className = "frame"
  doc.body.append(frame)
  doc.addEventListener("click", ({ target }) => original(target.closest("button"))?.click())
  doc.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, altKey, metaKey }))
  })
  pip.addEventListener("pagehide", () => {
    pip = null
    watch.disconnect()
    room.removeEventListener("room:shown", copy)
    tickIn(window)
  })
  room.addEventListener("room:shown", copy)
  copy()
  tickIn(pip)
}

function sheet(doc, href) {
  const link = doc.createElement("link")
  link.rel = "stylesheet"
  link.href = href
  return link
}

const card = () => document.querySelector(".stage")
const copied = () => pip.document.querySelector(".stage")
const wish = (button) => button?.dataset.key ?? button?.value
const buttons = (one) => [...one.querySelectorAll("button")]

/** Return the room's button that the window shows as ``button``. */
const original = (button) => button && buttons(card())[buttons(copied()).indexOf(button)]

// A change in the ring renews the ring, any other the card; the focus stays on the button of the same wish.
const watch = new MutationObserver((changes) => {
  const ring = document.querySelector("#ring")
  if (changes.every(({ target }) => ring.contains(target))) copied().querySelector(".ring").replaceWith(ring.cloneNode(true))
  else copy()
})

function copy() {
  watch.disconnect()
  watch.observe(card(), { attributes: true, characterData: true, childList: true, subtree: true })
  const focused = wish(pip.document.activeElement)
  pip.document.body.dataset.clock = room.dataset.clock
  pip.document.querySelector("main").replaceChildren(pip.document.importNode(card(), true))
  if (focused) buttons(copied()).find((one) => wish(one) === focused)?.focus()
}

// A page that is reloaded takes its window along: what comes after it offers it again (ondemand.js).
addEventListener("pagehide", () => pip && tabStorage.write("pop", "lost"))
