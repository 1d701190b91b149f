// The list of the parts of the notes, behind the title of the one that is shown. Whoever opens it stands at that one,
// goes on by arrows or first letters, and is back at the title when it closes.

import { card, find, standing, words } from "./card.js"

const button = find("#note-part")
const menu = find("#note-menu")
const [outside] = standing
let choose = () => {}

/** Call ``act`` with the part that somebody chooses. */
export const onChosen = (act) => { choose = act }

/** Show ``parts`` in the list, and the ``open`` one on its button. */
export function fillMenu(parts, open) {
  const title = button.querySelector("b")
  title.textContent = open.title
  title.lang = open.lang ?? ""
  if (!open.lang) title.removeAttribute("lang")
  button.querySelector("span").textContent = words.parts.replace("{n}", parts.length)
  button.parentElement.hidden = open.part === "mine"
  const all = [...parts, outside]
  for (const one of all) {
    const item = document.getElementById(`part-${one.part}`) ?? newItem(one.part)
    item.querySelector("small").textContent = one.number ?? ""
    const name = item.querySelector("bdi")
    name.textContent = one.title
    if (one.lang) name.lang = one.lang
    item.querySelector(".vh").textContent = one.current ? `, ${words.at}` : ""
    item.classList.toggle("now", one.current)
    item.setAttribute("aria-checked", String(one.part === open.part))
    item.tabIndex = one.part === open.part ? 0 : -1
    const at = menu.children[all.indexOf(one)]
    if (at !== item) menu.insertBefore(item, at ?? null)
  }
  const isLost = [...menu.children].slice(all.length).some((item) => item === document.activeElement)
  while (menu.children.length > all.length) menu.lastElementChild.remove()
  if (isLost) shownItem()?.focus()
}

function newItem(part) {
  const item = document.createElement("button")
  item.type = "button"
  item.id = `part-${part}`
  item.dataset.part = part
  item.setAttribute("role", "menuitemradio")
  const at = document.createElement("span")
  at.className = "vh"
  item.append(document.createElement("small"), document.createElement("bdi"), at)
  return item
}

const shownItem = () => menu.querySelector("[aria-checked=true]")

function open(isOpen) {
  if (menu.hidden !== isOpen) return
  menu.hidden = !isOpen
  button.setAttribute("aria-expanded", String(isOpen))
  if (isOpen) shownItem()?.focus()
}

/** Close; the keyboard goes back to the title. */
function leave() {
  button.focus()
  open(false)
}

button.addEventListener("click", () => open(menu.hidden))
button.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return
  event.preventDefault()
  open(true)
})
menu.addEventListener("click", ({ target }) => {
  const item = target.closest("[data-part]")
  if (!item) return
  leave()
  choose(item.dataset.part)
})
menu.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  if (event.key === "Tab") return open(false)
  const next = event.key === "Escape" ? leave : goTo(event.key, [...menu.children])
  if (!next) return
  event.preventDefault()
  event.stopPropagation() // not a shortcut of the room's, nor of what is around
  next === leave ? leave() : next.focus()
})
card.addEventListener("focusout", ({ relatedTarget }) => {
  if (!button.parentElement.contains(relatedTarget)) open(false)
})

/** Return which of ``items`` a key leads to from where the keyboard is; undefined for none. */
function goTo(key, items) {
  const at = items.indexOf(document.activeElement)
  const step = { ArrowDown: 1, ArrowUp: -1 }[key]
  if (step) return items[(at + step + items.length) % items.length]
  if (key === "Home") return items[0]
  if (key === "End") return items.at(-1)
  if (key.length > 1 || key === " ") return undefined
  const starts = (item) => item.querySelector("bdi").textContent.toLowerCase().startsWith(key.toLowerCase())
  return [...items.slice(at + 1), ...items.slice(0, at + 1)].find(starts)
}
