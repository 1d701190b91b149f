// The arithmetic of a countdown and how it is written, without the page.

export const SOON_S = 30

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
export const mmss = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`
export const number = (text) => Number(text || 0)

/** Return the seconds a clock shows: spent before, and since it was last started. */
export function elapsed(since, spent, at) {
  return number(spent) + (since ? Math.max(0, at - Date.parse(since)) / 1000 : 0)
}

/**
 * Return what is left of so many seconds, and what is over, in whole seconds. What is left is rounded up, so that zero
 * means zero; a hair of slack keeps a timer that woke a millisecond early from showing the second before.
 */
export function countDown(allotted, spent) {
  const left = Math.ceil(allotted - spent - 0.015)
  return { left, over: left <= 0 ? Math.floor(spent - allotted + 0.015) : 0 }
}

/** Return which words say about how much is left, for those who find digits a hurry. */
export function roughly(left) {
  return left <= 0 ? "zero" : left <= SOON_S ? "soon" : left <= 90 ? "aboutMinute" : left <= 300 ? "fewMinutes" : "plenty"
}

/** Return what of MARKS has been passed between two looks at a clock; the last one, when it was several. */
export function passed(marks, before, left) {
  return marks.findLast(([, at]) => left <= at && before > at)?.[0]
}
