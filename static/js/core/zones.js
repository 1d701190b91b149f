// An instant in two time zones, and whose time it is that a page shows. How a language writes hours the server says on
// the page: HH:mm or H.mm. The page's zone stands on its root; the times of another one bring their own.

const PARTS = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
const formats = new Map()
const root = globalThis.document?.documentElement // none in a test of the rules

/** The zone of this browser. */
export const here = Intl.DateTimeFormat().resolvedOptions().timeZone

// A browser that hides where it is says UTC: that is no place.
const isPlace = here?.includes("/") && !here.startsWith("Etc/")

/** Return the zone that a group is offered which is started here; "" for none. */
export const offered = isPlace ? here : ""

function formatOf(timeZone, locale) {
  const key = `${timeZone} ${locale}`
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { ...PARTS, timeZone }))
  return formats.get(key)
}

/** Return the language of the page, and its pattern of hours. */
export const language = () => ({ lang: root.lang, hour: root.dataset.hour })

/** Return the weekday and the time of day of an instant in a zone, as the server writes them in a language. */
export function localTime(at, timeZone, { lang, hour }) {
  const found = {}
  for (const { type, value } of formatOf(timeZone, lang).formatToParts(at)) found[type] = value
  const [, digits, separator] = /^(H+)(.)mm$/.exec(hour)
  const hours = String(Number(found.hour)).padStart(digits.length, "0")
  return { day: found.weekday, time: `${hours}${separator}${found.minute.padStart(2, "0")}` }
}

/** Return what an instant is called in the zone ``own``, with its day where that differs; "" where all is as in ``zone``. */
export function ownTime(at, zone, own, written) {
  const theirs = localTime(at, zone, written)
  const yours = localTime(at, own, written)
  if (theirs.time === yours.time && theirs.day === yours.day) return ""
  return theirs.day === yours.day ? yours.time : `${yours.day} ${yours.time}`
}

/** Return what follows the times of a zone, " (Helsinki)", where one of the instants is another time here; else "". */
export const whose = ({ zone, city }, instants) =>
  zone && zone !== here && instants.some((at) => ownTime(at, zone, here, language())) ? ` (${city})` : ""

/** Return the time of day of an instant in the page's zone, and whose it is where clocks differ here. */
export const clockTime = (at) => localTime(at, root.dataset.zone, language()).time + whose(root.dataset, [at])

// What the server has written the style sheet completes, so that no swap can take it away: by the property on the root for
// all times of the page, by one of their own for those of another zone.
function complete() {
  const instants = (times) => times.map(({ dateTime }) => new Date(dateTime))
  const times = [...document.querySelectorAll("time.at")]
  const put = (element, text) => element.style.setProperty("--city", text ? JSON.stringify(text) : "none")
  put(root, whose(root.dataset, [new Date(), ...instants(times.filter((time) => !time.dataset.zone))]))
  for (const time of times) if (time.dataset.zone) put(time, whose(time.dataset, instants([time])))
  for (const field of document.querySelectorAll("input[data-own-zone]")) field.value = offered
}

if (root) {
  complete()
  document.addEventListener("htmx:after:swap", complete)
}
