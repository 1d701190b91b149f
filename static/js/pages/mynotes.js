// A tick on My notes: the answer takes the place of what was there, and one stays where one was. Without this, or when
// there is no answer, the form is sent as it is and the page comes anew.

import { send } from "../core/request.js"

const form = document.querySelector("#press")

form.addEventListener("submit", async (event) => {
  const { submitter } = event
  event.preventDefault()
  try {
    const body = new FormData(form, submitter)
    const answer = await send(submitter.formAction, { method: "POST", body, headers: { "HX-Request": "true" } })
    if (!answer.ok) throw new Error(answer.status)
    renew(await answer.text(), submitter.id)
  } catch {
    form.action = submitter.formAction
    form.submit()
  }
})

function renew(html, focused) {
  const shown = document.querySelector("#mynotes")
  const open = [...shown.querySelectorAll("details[open]")].map(({ id }) => id)
  shown.replaceWith(new DOMParser().parseFromString(html, "text/html").querySelector("#mynotes"))
  for (const id of open) document.getElementById(id)?.setAttribute("open", "")
  document.getElementById(focused)?.focus({ preventScroll: true })
}
