// What is told to those who hear the page and do not see it: one polite line for all of it.

const MOMENT_MS = 200 // what happens within it is one text

const line = document.querySelector("#status")
const home = line?.parentElement
let texts = []

/** Tell it. The line is emptied first, so that the same text is heard again. */
export function hear(...news) {
  if (!line || !news.length) return
  if (!texts.length) {
    // While a dialog is open all else is out of reach, also for the ear.
    const place = [...document.querySelectorAll("dialog:modal")].at(-1) ?? home
    if (line.parentElement !== place) place.append(line)
    line.textContent = ""
    setTimeout(tell, MOMENT_MS)
  }
  texts.push(...news)
}

function tell() {
  line.textContent = [...new Set(texts)].map((text) => text.trim()).join(". ").replace(/([.?!…])\. /g, "$1 ").replace(/\.$/, "")
  texts = []
}
