// While a meeting is live: the screen stays on as long as the page is in sight, where the browser can do that; and
// once the page is hidden behind the call, a worker ticks once a second for its title and signals.

import { room } from "../core/clock.js"

let lock = null
let asking = false
let beat = null

function look() {
  const live = document.querySelector("#clock-data").dataset.item !== undefined
  keepScreen(live && !document.hidden)
  keepSecond(live && document.hidden)
}

async function keepScreen(wanted) {
  if (!wanted) return void lock?.release()
  if (lock || asking || !navigator.wakeLock) return
  asking = true
  try {
    lock = await navigator.wakeLock.request("screen")
    lock.addEventListener("release", () => { lock = null })
  } catch { /* a low battery may forbid it */ }
  asking = false
}

function keepSecond(wanted) {
  if (!wanted) {
    beat?.terminate()
    beat = null
  } else if (!beat) {
    beat = new Worker("/static/built/beat.js")
    beat.onmessage = () => room.dispatchEvent(new CustomEvent("room:clock"))
  }
}

room.addEventListener("room:shown", look)
document.addEventListener("visibilitychange", look)
look()
