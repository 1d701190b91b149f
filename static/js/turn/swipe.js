// On a narrow touch screen: the views lie side by side, and a swipe goes from one to the next. The tabs do the same
// for everyone. Writing, selecting and what scrolls sideways itself are left alone.

import { room } from "../core/clock.js"

const ALONE = "input, textarea, select, [contenteditable], dialog, [data-drag]"
const EDGE_PX = 24 // the browser's own gesture begins here
const FAR_PX = 56
const QUICK_MS = 700

const narrow = matchMedia("(width < 48rem)")
const still = matchMedia("(prefers-reduced-motion: reduce)")
const tabs = document.querySelector("#tabs")
const views = () => [...tabs.querySelectorAll("input")]
const sheet = (view) => document.querySelector({ "v-turn": "#turn", "v-agenda": ".side", "v-notes": "#notes", "v-reflect": "#reflection", "v-people": ".side" }[view.id])

let from = null

function scrollsSideways(element) {
  for (let one = element; one && one !== room; one = one.parentElement) {
    if (one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX)) return true
  }
  return false
}

function begin({ target, touches, timeStamp }) {
  const [{ clientX: x, clientY: y }] = touches
  from = null
  if (!narrow.matches || touches.length > 1 || x < EDGE_PX || x > innerWidth - EDGE_PX) return
  if (target.closest(ALONE) || document.querySelector("dialog[open]") || scrollsSideways(target)) return
  from = { x, y, at: timeStamp }
}

function end({ changedTouches, timeStamp }) {
  const start = from
  from = null
  if (!start || timeStamp - start.at > QUICK_MS || !getSelection().isCollapsed) return
  const [{ clientX, clientY }] = changedTouches
  const across = clientX - start.x
  if (Math.abs(across) < FAR_PX || Math.abs(clientY - start.y) > Math.abs(across) / 2) return
  const all = views()
  const way = across < 0 ? 1 : -1
  const there = all[all.findIndex((view) => view.checked) + way]
  if (!there) return
  there.click() // views.js scrolls
  if (!still.matches) sheet(there)?.animate([{ translate: `${way * 1.5}rem 0`, opacity: 0.3 }, {}], { duration: 160, easing: "ease-out" })
}

addEventListener("touchstart", begin, { passive: true })
addEventListener("touchend", end, { passive: true })
addEventListener("touchcancel", () => { from = null })
