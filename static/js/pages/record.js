// The record's page. While the end can be undone it follows what becomes of that; later it says when its notes have
// been corrected meanwhile.

import { tell } from "../core/notice.js"
import { send } from "../core/request.js"
import "../writing/autosave.js"

const FRESH_MS = 5000
const CALM_MS = 30_000
const LATE_MS = 1800

const record = document.querySelector("#record")
const changed = document.querySelector("#changed")
const form = document.querySelector("#go-on")

async function look() {
  if (document.hidden) return
  const answer = await fetch(record.dataset.news, { cache: "no-store" }).catch(() => null)
  if (answer?.headers.has("HX-Refresh")) location.reload()
  else if (answer?.status === 200) changed.hidden = false
}

if (record.dataset.news) {
  setInterval(look, record.hasAttribute("data-fresh") ? FRESH_MS : CALM_MS)
  document.addEventListener("visibilitychange", look)
}

// The undo of the end: sent again where no answer comes, and counted once.
form?.addEventListener("submit", async (event) => {
  event.preventDefault()
  const { late, failed } = form.dataset
  const body = new FormData(form, event.submitter)
  body.set("id", `press-${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`)
  const timer = setTimeout(() => tell(late), LATE_MS)
  try {
    const headers = { "HX-Request": "true", "X-CSRFToken": body.get("csrf_token") }
    const answer = await send(form.action, { method: "POST", headers, body: new URLSearchParams(body) })
    if (answer.ok) return location.reload()
    tell(new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim() || failed)
  } catch {
    tell(failed)
  } finally {
    clearTimeout(timer)
  }
})
