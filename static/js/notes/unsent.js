// Unsent edits survive a reload: only those that are not saved, only in this tab, and only until they are.

import { tabStorage } from "../core/storage.js"

/** Store updates as text under ``key``; none removes what was stored. */
export function keepUnsent(key, updates) {
  tabStorage.write(key, updates.length ? JSON.stringify(updates.map(asText)) : null)
}

/** Return the updates stored under ``key``. Throws when something else is there. */
export const unsentOf = (key) => JSON.parse(tabStorage.read(key) ?? "[]").map(asBytes)

export function asText(update) {
  let text = ""
  for (let at = 0; at < update.length; at += 8192) text += String.fromCharCode(...update.subarray(at, at + 8192))
  return btoa(text)
}

export const asBytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
