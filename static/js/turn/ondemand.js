// Modules of the turn that not everybody uses are loaded when they are first asked for.

import { room, words } from "../core/clock.js"
import { tell } from "../core/notice.js"
import { deviceStorage, tabStorage } from "../core/storage.js"
import "./awake.js"

const MODULES = {
  agenda: () => import("./agenda.js"),
  glance: () => import("./glance.js"),
  keys: () => import("../core/keys.js"),
  signals: () => import("./signals.js"),
  swipe: () => import("./swipe.js"),
}

/** Load a module and use it; where it cannot be had, that is said and ``failed`` called. */
const use = (name, act, failed) => MODULES[name]().then(act).catch(() => {
  tell(words.failed)
  failed?.()
})

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-asks]") // a link of that name is answered by the server
  if (button) use(button.dataset.asks, (module) => module.open())
})

// Editing has a module that hears its own clicks once it is there: the first is given to it again.
const EDITING = "[data-edit-agenda], [data-swap], [hx-target='#times']"
const editFirst = ({ target }) => {
  const button = target.closest(EDITING)
  if (!button) return
  document.removeEventListener("click", editFirst)
  use("agenda", () => button.hasAttribute("hx-target") || button.click(), () => document.addEventListener("click", editFirst))
}
document.addEventListener("click", editFirst)
document.addEventListener("keydown", (event) => { if (event.key.length === 1) use("keys", ({ press }) => press(event)) })
if (matchMedia("(any-pointer: coarse) and (width < 48rem)").matches) use("swipe")
if (deviceStorage.read("keys") === "off") use("keys")
if (deviceStorage.read("signals")) use("signals")

// The window over the call went with the page before this one: it is offered again (glance.js).
if (tabStorage.read("pop")) room.dataset.pop = "lost"
tabStorage.write("pop", null)
