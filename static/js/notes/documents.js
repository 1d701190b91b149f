// The documents that the notes show: the group's, and this person's own, which is opened at its first use.

import { room } from "../core/clock.js"
import { meeting } from "../core/connection.js"
import { tabStorage } from "../core/storage.js"
import { listParts, me } from "./card.js"
import { Replica, SCHEMA, stopped } from "./replica.js"

const STORE_KEY = `ementor-unsent-${SCHEMA}-${meeting}-${me}`
const OWN_KEY = `${STORE_KEY}-own`

export const group = new Replica("note", STORE_KEY, () => [...listParts().map(({ part }) => part), "outside"])
export const documents = [group]

let own = null

function ownDocument() {
  if (own) return own
  documents.push((own = new Replica("own", OWN_KEY, () => ["mine"])))
  if ("joined" in room.dataset) own.shakeHands()
  return own
}

export const documentOf = (part) => (part === "mine" ? ownDocument() : group)

/** Begin: the connection may have been quicker than this module, and there may be unsent edits of one's own. */
export function openDocuments() {
  if (tabStorage.read(OWN_KEY)) ownDocument()
  if ("joined" in room.dataset) group.shakeHands()
}

const keep = () => documents.forEach((one) => one.keep())
addEventListener("pagehide", keep)
document.addEventListener("visibilitychange", () => document.hidden && keep())
addEventListener("beforeunload", (event) => {
  if (stopped.by || !documents.some((one) => one.isPending)) return
  keep()
  event.preventDefault()
})
