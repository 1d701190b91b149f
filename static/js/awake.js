// The screen stays on while a meeting is live and its page in sight, where the browser can do that.

import { room } from "./clock.js"

let lock = null
let asking = false

async function look() {
  const wanted = document.querySelector("#clock-data").dataset.item !== undefined && !document.hidden
  if (!wanted) return void lock?.release()
  if (lock || asking || !navigator.wakeLock) return
  asking = true
  try {
    lock = await navigator.wakeLock.request("screen")
    lock.addEventListener("release", () => { lock = null })
  } catch { /* a low battery may forbid it */ }
  asking = false
}

room.addEventListener("room:shown", look)
document.addEventListener("visibilitychange", look)
look()
