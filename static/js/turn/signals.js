// How the clock looks, and the chime and vibration that somebody chose: each person's own, on this device.
// What is signalled, and shown in the ring for everyone, announce.js says.

import { room } from "../core/clock.js"
import { show } from "../core/dialogs.js"
import { deviceStorage } from "../core/storage.js"
import { openSmall } from "./glance.js"
import { tellTime } from "./timer.js"

const NOTES = { youAreNext: [523, 659], yourTurn: [587, 784], minute: [587, 587], zero: [659, 494] } // Hz, two soft ones
const OTHERS = [523, 523]
const BUZZ = [120, 120, 120] // ms on, off, on
const GAP_S = 0.3
const LASTS_S = 1.1
const MOST = 0.3 // of what the loudspeaker can
const PATIENCE_MS = 400

const mine = { sound: false, volume: 50, buzz: false, ...read() }
let audio = null

function read() {
  try { return JSON.parse(deviceStorage.read("signals")) } catch { return null }
}

// Browsers let a page sound only once it was used: until then it says that it waits.
function wakeSound() {
  if (!mine.sound) return wait()
  audio ??= new AudioContext()
  audio.onstatechange = wait
  if (audio.state !== "running") audio.resume()
  setTimeout(wait, PATIENCE_MS) // one that may sound needs a moment to begin
}

function wait() {
  room.toggleAttribute("data-sound-waits", mine.sound && audio?.state !== "running")
}

function chime(notes) {
  const start = audio.currentTime + 0.02
  notes.forEach((frequency, n) => {
    const at = start + n * GAP_S
    const tone = new OscillatorNode(audio, { frequency })
    const loud = new GainNode(audio, { gain: 0 })
    loud.gain.setValueAtTime(0, at)
    loud.gain.linearRampToValueAtTime(MOST * mine.volume / 100, at + 0.04)
    loud.gain.setTargetAtTime(0, at + 0.06, LASTS_S / 4)
    tone.connect(loud).connect(audio.destination)
    tone.start(at)
    tone.stop(at + LASTS_S)
  })
}

// Of several windows of one person one sounds.
function alone(play) {
  const hold = (lock) => lock && new Promise((done) => { play(); setTimeout(done, 2000) })
  if (navigator.locks) navigator.locks.request("chime", { ifAvailable: true }, hold)
  else play()
}

room.addEventListener("room:signal", ({ detail }) => {
  if (mine.sound && audio?.state === "running") alone(() => chime(NOTES[detail] ?? OTHERS))
  if (mine.buzz) navigator.vibrate?.(BUZZ)
})

for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, wakeSound, true)
addEventListener("storage", ({ key }) => {
  if (key !== "signals") return
  Object.assign(mine, read())
  wakeSound()
})
wakeSound()

export const open = () => show("signals", (dialog) => {
  const field = (name) => dialog.querySelector(`[name=${name}]`)
  const looks = dialog.querySelectorAll("[data-clock-as]")
  const mark = () => looks.forEach((one) => one.setAttribute("aria-pressed", one.dataset.clockAs === room.dataset.clock))
  const change = () => {
    Object.assign(mine, { sound: field("sound").checked, volume: field("volume").valueAsNumber, buzz: field("buzz").checked })
    deviceStorage.write("signals", JSON.stringify(mine))
    field("volume").disabled = dialog.querySelector("[data-try]").disabled = !mine.sound
    wakeSound()
  }
  field("sound").checked = mine.sound
  field("volume").value = mine.volume
  field("buzz").checked = mine.buzz
  if (!navigator.vibrate) field("buzz").closest("label").hidden = true
  field("volume").disabled = dialog.querySelector("[data-try]").disabled = !mine.sound
  mark()
  dialog.addEventListener("change", change)
  dialog.addEventListener("click", async ({ target }) => {
    const look = target.closest("[data-clock-as]")?.dataset.clockAs
    if (look) {
      deviceStorage.write("clock", look)
      tellTime(look)
      mark()
    }
    if (target.closest("[data-try]")) {
      wakeSound()
      await audio.resume()
      chime(NOTES.youAreNext)
    }
    if (target.closest("[data-small]")) {
      openSmall()
      dialog.close()
    }
  })
})
