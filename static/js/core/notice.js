// News: what the server or a script has to say, and how a press fares.

const LATE_MS = 1800
const words = document.querySelector("#words")?.dataset ?? {}

// What is said here stays until it is closed, or the next press.
const notice = document.querySelector("#notice")
let before = null // what had the keyboard before the button that closes

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
  const line = notice.querySelector(".notice:not([data-passes], :has(button))")
  if (!line) return
  const close = document.createElement("button")
  close.className = "btn text"
  close.textContent = notice.dataset.close
  close.addEventListener("focus", ({ relatedTarget }) => { before = relatedTarget })
  close.addEventListener("click", () => {
    untell()
    before?.focus()
  })
  line.append(" ", close)
}).observe(notice, { childList: true })

document.addEventListener("keydown", ({ key }) => key === "Escape" && untell())
document.addEventListener("close", ({ target }) => target.querySelector(":scope > .notice")?.remove(), true)

const isPress = ({ request }) => request?.method === "POST"

// A press clears what was said before; while it has not arrived, that is said.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!isPress(ctx)) return
  untell()
  ctx.late = setTimeout(() => {
    ctx.line = tell(words.late)
    ctx.line.dataset.passes = ""
  }, LATE_MS)
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
