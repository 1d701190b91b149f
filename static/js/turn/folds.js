// What is folded until it is asked for: a button with data-fold opens it by its name. Which are open belongs to the
// page and not to the parts that are swapped, and this device remembers it.

import { room } from "../core/clock.js"
import { deviceStorage } from "../core/storage.js"

const KEY = "unfolded"
const open = new Set(deviceStorage.read(KEY)?.split(" "))

function show() {
  room.dataset.unfolded = [...open].join(" ")
  for (const button of document.querySelectorAll("[data-fold]")) button.setAttribute("aria-expanded", open.has(button.dataset.fold))
}

/** Fold or unfold what has this name. */
export function fold(name, yes) {
  if (open.has(name) !== yes) return
  if (yes) open.delete(name)
  else open.add(name)
  deviceStorage.write(KEY, [...open].join(" ") || null)
  show()
}

document.addEventListener("click", ({ target }) => {
  const name = target.closest("[data-fold]")?.dataset.fold
  if (name) fold(name, open.has(name))
})
room.addEventListener("room:shown", show)
show()
