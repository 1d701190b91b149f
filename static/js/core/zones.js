// An instant in two time zones. How a language writes hours the server says on the page: HH:mm or H.mm.

const PARTS = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
const formats = new Map()

function formatOf(timeZone, locale) {
  const key = `${timeZone} ${locale}`
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { ...PARTS, timeZone }))
  return formats.get(key)
}

/** Return the language of the page, and its pattern of hours. */
export const language = () => ({ lang: document.documentElement.lang, hour: document.documentElement.dataset.hour })

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
