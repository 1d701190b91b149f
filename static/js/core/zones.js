// An instant in two time zones, without the page.

const PARTS = { weekday: "short", hour: "numeric", minute: "2-digit", hourCycle: "h23" }

/** Return the weekday and the time of day of an instant in a zone, as the server writes them. */
export function localTime(at, timeZone, locale) {
  const found = {}
  for (const { type, value } of new Intl.DateTimeFormat(locale, { ...PARTS, timeZone }).formatToParts(at)) found[type] = value
  const hour = locale === "en" ? found.hour.padStart(2, "0") : String(Number(found.hour))
  return { day: found.weekday, time: `${hour}${locale === "en" ? ":" : "."}${found.minute}` }
}

/** Return what an instant is called in the zone ``own``, with its day where that differs; "" where all is as in ``zone``. */
export function ownTime(at, zone, own, locale) {
  const theirs = localTime(at, zone, locale)
  const yours = localTime(at, own, locale)
  if (theirs.time === yours.time && theirs.day === yours.day) return ""
  return theirs.day === yours.day ? yours.time : `${yours.day} ${yours.time}`
}
