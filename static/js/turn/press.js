// A press sends what was shown when it began. The part may be renewed under the finger: then the button means something
// else when it is let go, has moved from under it or is gone. The server knows by the number that goes with it whether
// that still counts.

import { find } from "../core/dom.js"

const NEAR_PX = 12 // further away it is let go on purpose
const CLICK_MS = 400 // in which the click of a finger follows

let begun = null // the press under way
let heard = -CLICK_MS // when one was sent that has no click

const meaningOf = (button) => `${button.value} ${button.getAttribute("formaction")}`

document.addEventListener("pointerdown", ({ target, isPrimary, button: which, clientX, clientY }) => {
  const button = target.closest?.("button[form=press]")
  begun = null
  if (!button || button.disabled || !isPrimary || which !== 0) return
  const asked = new URL(button.getAttribute("formaction") ?? "", location.href).searchParams
  const values = { ...Object.fromEntries(asked), press: button.value, seen: find("seen").value }
  begun = { button, means: meaningOf(button), values, asks: "confirm" in button.dataset, x: clientX, y: clientY }
}, true)
document.addEventListener("pointercancel", () => { begun = null }, true) // a finger that scrolls

addEventListener("pointerup", ({ clientX, clientY }) => {
  const press = begun
  if (!press || Math.hypot(clientX - press.x, clientY - press.y) > NEAR_PX) return
  if (press.button.isConnected && press.button.contains(document.elementFromPoint(clientX, clientY))) return
  deliver(press) // no click of its own comes
  heard = performance.now()
}, true)

addEventListener("click", (event) => {
  const press = begun
  begun = null
  if (!event.detail) return // by the keyboard or a script
  const isHeard = performance.now() - heard < CLICK_MS
  if (!isHeard && !(press?.button.contains(event.target) && isOther(press))) return
  event.preventDefault()
  event.stopPropagation()
  if (!isHeard) deliver(press)
  heard = -CLICK_MS
}, true)

const isOther = ({ button, means, asks, values }) => meaningOf(button) !== means || (!asks && find("seen").value !== values.seen)

function deliver({ asks, values }) {
  begun = null
  if (asks) return // what asks first is asked again
  htmx.ajax("POST", find("press").getAttribute("action"), { source: "#press", target: "#run", swap: "outerMorph", values })
}
