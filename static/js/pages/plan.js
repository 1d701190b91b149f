// Planning a series: the browser's time zone is offered, an end moves with its start, and the keyboard stays where it was.

import { here, language, offered, ownTime } from "../core/zones.js"

const zone = document.querySelector("select[data-offers-zone]")
const name = document.querySelector("[data-zone-name]")

if (zone && offered && offered !== zone.value) {
  if (![...zone.options].some(({ value }) => value === offered)) zone.add(new Option(offered.split("/").pop().replaceAll("_", " "), offered))
  zone.value = offered
  const city = zone.selectedOptions[0].textContent.split(", ")[0]
  name.textContent = name.dataset.pattern.replace("{city}", city)
}

const minutes = (text) => { const [hour, minute] = text.split(":").map(Number); return hour * 60 + minute }
const two = (number) => String(number).padStart(2, "0")

document.addEventListener("focusin", ({ target }) => { if (target.matches?.("input[type=time]")) target.dataset.was = target.value })
document.addEventListener("change", ({ target }) => {
  const end = document.querySelector(`[data-follows="${target.id}"]`)
  if (!end || !target.value || !target.dataset.was || !end.value) return
  const at = (minutes(end.value) + minutes(target.value) - minutes(target.dataset.was) + 1440) % 1440
  end.value = `${two(Math.floor(at / 60))}:${two(at % 60)}`
  target.dataset.was = target.value
})

// The button that was pressed went with its form: the keyboard goes on from its date, or to what was refused.
document.addEventListener("htmx:after:swap", () => {
  const at = document.querySelector("#dates [aria-invalid=true]") ?? (document.activeElement === document.body && document.querySelector("#dates [data-focus]"))
  if (at) at.focus()
})

// Whoever is in another time zone than the group also reads their own time, beside the group's:
// <time datetime="2026-11-10T07:00:00+00:00" data-zone="Europe/Helsinki" data-yours="your time {time}">09:00</time>
function showOwnTimes() {
  for (const time of document.querySelectorAll("time[data-yours]")) {
    time.querySelector(".yours")?.remove()
    const text = ownTime(new Date(time.dateTime), document.documentElement.dataset.zone, here, language())
    if (!text) continue
    const shown = document.createElement("span")
    shown.className = "yours"
    shown.textContent = ` ${time.dataset.yours.replace("{time}", text)}`
    time.append(shown)
  }
}

showOwnTimes()
document.addEventListener("htmx:after:swap", showOwnTimes)
