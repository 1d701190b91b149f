// Whoever is in another time zone than the group also reads their own time, beside the group's.
// <time datetime="2026-11-10T07:00:00+00:00" data-zone="Europe/Helsinki" data-yours="your time {time}">09:00</time>

const own = Intl.DateTimeFormat().resolvedOptions().timeZone
const locale = document.documentElement.lang
const parts = { weekday: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23" }

/** The weekday and the clock time of an instant in a zone. */
function clock(at, timeZone) {
  const found = {}
  for (const { type, value } of new Intl.DateTimeFormat(locale, { ...parts, timeZone }).formatToParts(at)) found[type] = value
  const hour = locale === "en" ? found.hour.padStart(2, "0") : String(Number(found.hour))
  return { day: found.weekday, time: `${hour}${locale === "en" ? ":" : "."}${found.minute}` }
}

function showOwn() {
  for (const time of document.querySelectorAll("time[data-yours]")) {
    time.querySelector(".yours")?.remove()
    const at = new Date(time.dateTime)
    const theirs = clock(at, time.dataset.zone)
    const yours = clock(at, own)
    if (theirs.time === yours.time && theirs.day === yours.day) continue
    const text = theirs.day === yours.day ? yours.time : `${yours.day} ${yours.time}`
    const shown = document.createElement("span")
    shown.className = "yours"
    shown.textContent = ` ${time.dataset.yours.replace("{time}", text)}`
    time.append(shown)
  }
}

showOwn()
document.addEventListener("htmx:after:swap", showOwn)
