// Where the keyboard goes on. What had it keeps it; where that is gone, or has become another button in the same place,
// it goes to what the press wishes for (presses.py), else to the headline of the card it was in. Only one's own press
// takes it anywhere.

const isThere = (element) => element?.isConnected && !element.disabled && element.checkVisibility({ visibilityProperty: true })
const about = (button) => button?.getAttribute("formaction")?.split("?")[1] ?? ""
const nameOf = (button) => button?.name === "press" ? `${button.value}?${about(button)}` : ""

let held = null // what had the keyboard before a swap
let last = null // one's newest press: its name, and what it wishes for once the answer says so
let fallen = null // where the keyboard went before the answer had come

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { submitter, body } = ctx.request
  if (!submitter || !body?.has?.("press")) return
  const id = body.get("person") ?? body.get("item") ?? body.get("wish") ?? ""
  ctx.pressed = last = { name: nameOf(submitter), about: about(submitter), id, wishes: "" }
})
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.pressed) ctx.pressed.wishes = ctx.response?.headers?.get("X-Then") ?? ""
})

document.addEventListener("htmx:before:swap", () => {
  const element = document.activeElement
  held = element === document.body ? null : { element, name: nameOf(element), card: element.closest("section, [role=region]") }
})

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!held) return
  const { element, name, card } = held
  const isLost = document.activeElement === document.body || (ctx.pressed && !isThere(element))
  const isOther = ctx.pressed?.name === name && document.activeElement === element && nameOf(element) !== name
  if (!isLost && !isOther) return
  const press = ctx.pressed ?? (last?.name === name ? last : null)
  go(press, card)
  fallen = press && !press.wishes ? { press, card, at: document.activeElement } : null
})

// An answer that brought nothing new: the part had been here before it.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (fallen && ctx.pressed === fallen.press && [fallen.at, document.body].includes(document.activeElement)) go(fallen.press, fallen.card)
  if (ctx.pressed) fallen = null
})

function go(press, card) {
  const wishes = press?.wishes.split(" | ").filter(Boolean) ?? []
  for (const wish of [...wishes, null]) {
    const next = wish === null ? headline(card) : wished(wish, press, card)
    if (!next) continue
    if (!next.closest("[popover]")) document.querySelector("[popover]:popover-open")?.hidePopover()
    if (!next.matches("button, a, input, select, textarea, [tabindex]")) next.tabIndex = -1
    return next.focus({ preventScroll: true })
  }
}

// A wish is a button's name, "=" after it for the same person or item; or a selector, with {} for the id.
function wished(wish, press, card) {
  if (/^[a-z_]+=?$/.test(wish)) {
    const those = [...document.querySelectorAll(`button[name=press][value="${wish.replace("=", "")}"]`)].filter(isThere)
    const same = wish.endsWith("=") ? those.filter((one) => about(one) === press.about) : those
    return same.find((one) => card?.contains(one)) ?? same[0]
  }
  return [...document.querySelectorAll(wish.replaceAll("{}", press.id))].find(isThere)
}

const headline = (card) => [card?.querySelector("h2"), document.querySelector(".stage h2"), document.querySelector("#main")].find(isThere)
