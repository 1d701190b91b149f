// The times of the agenda as the clock goes on: when the turn's item and the meeting end, and how far that is from the
// plan; and what is offered only for a while, or only after one.

import { words } from "../core/clock.js"
import { find, put } from "../core/dom.js"
import { hear } from "../core/hear.js"
import { clockTime as timeOfDay } from "../core/zones.js"
import { elapsed, fill, number } from "./countdown.js"
import { fold } from "./folds.js"

const TAKE_OVER_MS = 60_000

export function drawTimes(data, at, live) {
  const itemLeft = live ? Math.max(0, number(data.itemAllottedS) - elapsed(data.itemSince, data.itemSpentS, at)) : 0
  const ends = at + (itemLeft + number(data.restS)) * 1000
  if (data.phase !== "closed") put(find("ends"), timeOfDay(ends))
  const late = ends - Date.parse(data.plannedEnd)
  for (const one of document.querySelectorAll("[data-end]")) {
    const { less, most } = one.dataset
    const sooner = less === undefined ? Math.min(most * 1000, Math.max(0, Math.round(late / 60_000)) * 60_000) : less * 1000
    put(one, timeOfDay(ends - sooner))
  }
  const opens = find("opens")
  if (opens) {
    opens.hidden = data.closingS === undefined
    if (!opens.hidden) put(opens, fill(words.opens, { time: timeOfDay(ends - data.closingS * 1000) }))
  }
  if (!live) return
  const round = find("round-ends")
  if (round) put(round, ` · ${fill(words.ends, { time: timeOfDay(at + number(round.dataset.roundS) * 1000) })}`)
  put(find("item-minutes"), String(Math.floor(elapsed(data.wallSince, data.wallSpentS, at) / 60)))
  const over = Math.round(late / 60_000)
  const text = fill(words.overPlan, { n: over })
  put(find("when"), over > 0 ? text : fill(words.ends, { time: timeOfDay(ends) }))
  put(find("over"), over > 0 ? text : over < 0 ? fill(words.ahead, { n: -over }) : words.onTime)
  for (const id of ["over", "when"]) find(id)?.classList.toggle("chip", over > 0)
  const ways = find("offers")
  ways?.toggleAttribute("data-shown", over >= number(ways.dataset.shownFrom))
}

let aloneSince = null

/** The undo of the end, what #offers has, and taking over from who is absent. */
export function drawOffers(data, at) {
  const undo = find("undo-end")
  if (undo) undo.hidden = at > number(data.until)
  let offered = false // one of #offers at a time, the most urgent first
  for (const one of document.querySelectorAll("[data-from]")) {
    const { from, to } = one.dataset
    const among = one.parentElement.id === "offers"
    const was = one.hidden
    one.hidden = (among && offered) || at < Date.parse(from) || at >= Date.parse(to)
    offered ||= among && !one.hidden
    if (among && was && !one.hidden) hear((one.querySelector("p") ?? find("over")).textContent)
  }
  const waits = document.querySelector("#offers:not([data-shown]) > [data-folds]:not([hidden])")
  const button = find("to-offers")
  if (button) button.disabled = !waits
  if (!waits) fold("offers", true) // a later one is folded again
  const alone = find("alone")
  if (!alone) return void (aloneSince = null)
  aloneSince ??= at
  const since = Date.parse(alone.dataset.absentSince) || aloneSince
  alone.hidden = at - since < TAKE_OVER_MS
}
