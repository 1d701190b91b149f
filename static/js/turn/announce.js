// What is told once, as it happens: to those who do not see the ring by the status line, to all for a while in the
// ring, and by the chime that some have chosen (signals.js, which hears "room:signal").

import { room, words } from "../core/clock.js"
import { find, put } from "../core/dom.js"
import { SOON_S, fill, number, passed } from "./countdown.js"

const SHOWN_MS = 8000
const SIGNALS = ["youAreNext", "yourTurn", "halftime", "minute", "zero"]

let told = null
let signal = ""
let until = 0

/** The name of the signal to be shown in the ring at this time; "" for none. */
export const signalAt = (at) => (at < until ? signal : "")

// A further mark is a line here and its words in #words: its name, at how many seconds left.
const marksOf = (data) => [["halftime", data.half && number(data.allottedS) / 2], ["minute", 60], ["half", SOON_S], ["zero", 0]]

export function announce(data, left, at) {
  const { me } = room.dataset
  const turn = `${data.item} ${data.speaker} ${data.step}`
  const next = data.next === me
  const before = told
  told = { turn, next, item: data.item, step: data.step, speaker: data.speaker, left }
  if (!before) return // whoever just came reads the page itself
  const lines = []
  const say = (name, text = words[name]) => {
    lines.push(text)
    if (!SIGNALS.includes(name)) return
    signal = name
    until = at + SHOWN_MS
    room.dispatchEvent(new CustomEvent("room:signal", { detail: name }))
  }
  if (turn !== before.turn || next !== before.next) {
    until = 0
    if (data.step !== before.step && data.stepTitle) say("step", data.stepTitle)
    if (data.speaker && data.speaker !== before.speaker) {
      if (data.speaker === me) say("yourTurn")
      else say("speaking", fill(words.speaking, { name: data.speakerName }))
    } else if (!data.speaker && data.item !== before.item) say("item", data.itemTitle)
    if (next && !before.next) say("youAreNext")
  } else if (data.since) {
    const mark = passed(marksOf(data), before.left, left)
    if (mark) say(mark)
  }
  if (lines.length) put(find("status"), lines.join(". "))
}
