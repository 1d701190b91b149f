// One key for what has a button: it presses the button in sight whose data-key it is, so rights and words are that
// button's. Not while somebody writes, and not for whoever switched it off (voice control says letters too).

import { room } from "./clock.js"
import { show } from "./dialogs.js"
import { keyOf, meaningOf } from "./keymap.js"
import { deviceStorage } from "./storage.js"

const WRITING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=textbox], dialog"

let off = deviceStorage.read("keys") === "off"

// What More has behind it is one press away, and its keys go straight there; so do those of the card's corner, which
// a narrow room has in its menu.
const inSight = (element) => !element.disabled && (element.closest("[popover], .corner")?.parentElement ?? element).checkVisibility({ visibilityProperty: true })
const buttons = () => [...document.querySelectorAll("[data-key]")].filter(inSight)

/** Do what a key stands for, if it does. */
export function press(event) {
  const key = keyOf(event)
  if (off || key === null || event.target.closest?.(WRITING) || document.querySelector("dialog[open]")) return
  const meaning = meaningOf(key, buttons())
  if (!meaning) return
  event.preventDefault()
  if (meaning.list) open()
  else if (meaning.view) look(...meaning.view)
  else meaning.button.click()
}

function look(view, where) {
  const radio = document.getElementById(view)
  if (!radio) return
  radio.click()
  document.querySelector(where)?.focus()
}

// Who switched the keys off is not told of them.
function hint() {
  room.toggleAttribute("data-no-keys", off)
  if (!off) return
  for (const one of document.querySelectorAll("[data-key]")) {
    one.removeAttribute("title")
    one.removeAttribute("aria-keyshortcuts")
  }
}

room.addEventListener("room:shown", hint)
hint()

export const open = () => show("keys", (dialog) => {
  const list = dialog.querySelector("dl")
  const row = list.querySelector("div")
  for (const button of buttons()) {
    const { key } = button.dataset
    if ([...list.querySelectorAll("kbd")].some((one) => one.textContent.toLowerCase() === key)) continue
    const more = row.cloneNode(true)
    more.querySelector("kbd").textContent = key.toUpperCase()
    more.querySelector("dd").textContent = button.getAttribute("aria-label") ?? button.textContent.trim()
    list.append(more)
  }
  const use = dialog.querySelector("[name=use]")
  use.checked = !off
  use.addEventListener("change", () => {
    off = !use.checked
    deviceStorage.write("keys", off ? "off" : "on")
    hint()
  })
})
