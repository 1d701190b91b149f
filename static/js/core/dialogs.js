// Dialogs that few open: the server's, in the viewer's language, fetched when first asked for.

import { meeting } from "./clock.js"
import { send } from "./request.js"

const SHEET = "/static/built/glance.css"

/** Show the dialog ``name``; ``prepare`` gets it once, when it is new. */
export async function show(name, prepare) {
  let dialog = document.getElementById(name)
  if (!dialog) {
    const [answer] = await Promise.all([send(`/m/${meeting}/${name}`, {}), dressed()])
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    dialog = document.adoptNode(page.getElementById(name))
    document.body.append(dialog)
    prepare(dialog)
  }
  if (!dialog.open) dialog.showModal()
}

function dressed() {
  if (document.querySelector(`link[href="${SHEET}"]`)) return
  const sheet = document.createElement("link")
  sheet.rel = "stylesheet"
  sheet.href = SHEET
  document.head.append(sheet)
  return new Promise((done) => { sheet.onload = sheet.onerror = done })
}
