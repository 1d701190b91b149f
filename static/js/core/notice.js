// News: what the server or a script has to say, and how a press fares.

const LATE_MS = 1800
const READ_MS = 12_000
const words = document.querySelector("#words")?.dataset ?? {}

// The server's line stays until it was read; a press that works clears it.
const notice = document.querySelector("#notice")
let reading = 0

/** Say something short: in the dialog that is open, as all else is out of reach meanwhile. */
export function tell(text) {
  untell()
  const line = document.createElement("p")
  line.className = "notice"
  line.textContent = text
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1)
  if (dialog) line.role = "alert"
  ;(dialog ?? notice).append(line)
  return line
}

function untell() {
  for (const line of document.querySelectorAll("dialog > .notice")) line.remove()
  notice.replaceChildren()
}

new MutationObserver(() => {
  clearTimeout(reading)
  if (notice.childElementCount) reading = setTimeout(() => notice.replaceChildren(), READ_MS)
}).observe(notice, { childList: true })

document.addEventListener("keydown", ({ key }) => key === "Escape" && untell())
document.addEventListener("close", ({ target }) => target.querySelector(":scope > .notice")?.remove(), true)

const isPress = ({ request }) => request?.method === "POST"

// A press clears what was said before; while it has not arrived, that is said.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!isPress(ctx)) return
  untell()
  ctx.late = setTimeout(() => { ctx.line = tell(words.late) }, LATE_MS)
})
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => arrived(ctx))
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => arrived(ctx))

function arrived(ctx) {
  clearTimeout(ctx.late)
  ctx.line?.remove()
}

document.addEventListener("htmx:error", ({ detail }) => {
  // A fetch of a part is asked again anyway; a press that did not arrive is said.
  if (detail.ctx && isPress(detail.ctx)) tell(words.failed)
})
