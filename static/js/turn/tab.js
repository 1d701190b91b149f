// The browser's tab: its title and icon carry the time, and that it is soon my turn.

import { room, words } from "../core/clock.js"

const COLOURS = { late: "#b8651b", mine: "#1d605d", next: "#6b4468", other: "#4f7f7b" }
const STEPS = 24 // in which the icon's ring is drawn

const icon = document.querySelector("link[rel=icon]")
const plainIcon = icon.href
const groupTitle = document.title
let drawn = ""

/** ``text``: the time as it is shown; ``share``: how much of it is left, from 0 to 1. */
export function drawTab(data, { live, late, text, share }) {
  const mine = live && data.speaker === room.dataset.me
  const next = live && data.next === room.dataset.me
  const hint = mine ? words.yourTurn : next ? words.youAreNext : data.speakerName || data.itemTitle
  document.title = live ? `${text && `${text} · `}${hint} — ${groupTitle.replace(/ — ementor$/, "")}` : groupTitle
  const colour = COLOURS[late ? "late" : mine ? "mine" : next ? "next" : "other"]
  const steps = Math.ceil(share * STEPS)
  const wanted = live ? `${colour} ${Math.max(0, Math.min(STEPS, steps))} ${mine || next}` : ""
  if (wanted === drawn) return
  drawn = wanted
  icon.href = live ? iconOf(colour, late ? 1 : steps / STEPS, mine || next) : plainIcon
}

function iconOf(colour, share, marked) {
  const ring = `<circle cx="18" cy="18" r="14" stroke="${colour}"`
  const dot = marked ? `<circle cx="18" cy="18" r="8" fill="${colour}"/>` : ""
  const arc = `pathLength="1" stroke-dasharray="${share} 2" transform="rotate(-90 18 18)"`
  const rings = `<g fill="none" stroke-width="6">${ring} opacity=".25"/>${ring} ${arc}/></g>`
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">${rings}${dot}</svg>`)}`
}
