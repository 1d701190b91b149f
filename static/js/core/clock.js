// What every page that counts down has: its body, its words and the server's time. It opens no connection;
// connection.js measures the offset over the one it has, and a page without one goes by what it was told when it loaded.

export const room = document.body
export const meeting = room.dataset.meeting
export const words = document.querySelector("#words").dataset

// Until it is measured, the moment the page arrived tells the time to within a round trip; performance.now() goes on evenly
// when somebody sets this machine's clock.
const arrived = performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now()
let offset = Date.parse(document.querySelector("#clock-data, #group").dataset.now) - arrived

/** Return the server's time now, in milliseconds since 1970. */
export const now = () => performance.now() + offset

/** Go by a measured ``offset`` of the server's time to performance.now(). */
export function setClock(measured) {
  offset = measured
  room.dispatchEvent(new CustomEvent("room:clock"))
}

// While a machine sleeps performance.now() may stand still: seen by the wall clock's leap, of which only the
// fact counts, as somebody may as well have set it.
let wall = Date.now() - performance.now()

/** Say "room:woke" when this machine has slept. Called once a second. */
export function wake() {
  const leap = Date.now() - performance.now() - wall
  if (Math.abs(leap) < 1500) return
  wall += leap
  room.dispatchEvent(new CustomEvent("room:woke"))
}
