// What is told as it happens: the lines of #news that are new, to those who hear the page; the marks of time, to all for
// a while in the ring, to some by ear, and by the chime that some have chosen (signals.js, which hears "room:signal").

import { room, words } from "../core/clock.js"
import { find } from "../core/dom.js"
import { hear } from "../core/hear.js"
import { SOON_S, number, passed } from "./countdown.js"

const SHOWN_MS = 8000

let told = null
let signal = ""
let until = 0

/** The name of the signal to be shown in the ring at this time; "" for none. */
export const signalAt = (at) => (at < until ? signal : "")

// A further mark is a line here and its words in #words: its name, at how many seconds left.
const marksOf = (data) => [["halftime", data.half && number(data.allottedS) / 2], ["minute", 60], ["half", SOON_S], ["zero", 0]]

export function announce(data, left, at) {
  const { me } = room.dataset
  const turn = `${data.item} ${data.speaker}`
  const next = data.next === me
  const before = told
  told = { turn, next, step: data.step, left }
  if (!before) return
  const show = (name) => {
    signal = name
    until = at + SHOWN_MS
    room.dispatchEvent(new CustomEvent("room:signal", { detail: name }))
  }
  if (turn !== before.turn || next !== before.next || data.step !== before.step) {
    until = 0
    if (turn !== before.turn && data.speaker === me) show("yourTurn")
    if (next && !before.next) show("youAreNext")
  } else if (data.since) {
    const mark = passed(marksOf(data), before.left, left)
    if (!mark) return
    show(mark)
    if ("marks" in find("news").dataset) hear(words[mark])
  }
}

// News are lines whose keys the page did not have before: whoever just came hears nothing old.
let known = null

function tellNews() {
  const { children, dataset } = find("news")
  const before = known
  known = new Set([...dataset.has.split(" "), ...[...children].map((one) => one.dataset.key)])
  if (!before) return
  const isNew = ({ dataset: { key, within } }) => !before.has(key) && (within === undefined || before.has(within))
  hear(...[...children].filter(isNew).map((one) => one.textContent))
}

room.addEventListener("room:shown", tellNews)
tellNews()
