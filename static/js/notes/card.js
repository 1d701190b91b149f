// The card of the notes: its elements and words, the parts that there are, and how the modules of the notes tell each
// other what has happened ("notes:…" on the card, as "room:…" on the page).

import { room } from "../core/clock.js"

export const card = document.querySelector("#notes")
export const words = card.dataset
export const me = Number(room.dataset.me)

export const find = (selector) => card.querySelector(selector)
export const say = (name, detail) => card.dispatchEvent(new CustomEvent(`notes:${name}`, { detail }))
export const on = (name, listener) => card.addEventListener(`notes:${name}`, ({ detail }) => listener(detail))

/** Whether the meeting has ended. */
export const isClosed = () => document.querySelector("#run").dataset.phase === "closed"

/** The parts beside those of the agenda. */
export const standing = ["outside", "mine"].map((part) => ({ part, number: null, title: words[part], current: false }))

/** Return the group's parts: one for each agenda item, and the general one. */
export function listParts() {
  const items = [...document.querySelectorAll("#agenda li[data-item]")].map((item, at) => ({
    part: `item-${item.dataset.item}`,
    number: at + 1,
    title: item.querySelector("h3").textContent,
    lang: item.querySelector("h3").lang,
    current: item.getAttribute("aria-current") === "step",
  }))
  return [...items, { part: "general", number: null, title: words.general, current: false }]
}

/** Return which of ``all`` an arrow key leads to from ``at``; null for other keys. */
export function steer(event, all, at) {
  const rtl = getComputedStyle(card).direction === "rtl" ? -1 : 1
  const step = { ArrowRight: rtl, ArrowLeft: -rtl }[event.key]
  const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : step ? (at + step + all.length) % all.length : -1
  if (to < 0 || event.altKey || event.ctrlKey || event.metaKey) return null
  event.preventDefault()
  return all[to]
}
