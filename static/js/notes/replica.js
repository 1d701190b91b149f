// A replica of one document of the notes, and the protocol that keeps it in sync with the server's.
//
// The server has the truth: an edit counts as saved when the server has acknowledged it. Until then it is sent again
// and again; applying it twice is the same as once. On every connect there is a handshake: both sides tell their state
// vector and give each other what is missing. No edit is sent before that.

import { OFF_CLIENTS, Part, Places, Y, bareOf, clientsOf, deletionOf, piecesOf, stateVector } from "/static/editor/editor.js"
import { room } from "../core/clock.js"
import { meeting, socket } from "../core/connection.js"
import { say } from "./card.js"
import { LogPosition, Outbox } from "./delivery.js"
import { keepUnsent, unsentOf } from "./unsent.js"

export const SCHEMA = 3 // as in ementor/notes/document.py
const PAUSE_MS = 100 // keystrokes that fall into it are sent together
const ANSWER_MS = 5000
const RETRY_MS = [500, 1000, 2000, 4000]
const MISSED_MS = 800
const COMPOSING_MS = 4000
const LOOK_MS = 100
const REMOTE = "remote" // origin of a change in a document: the server,
const REFUSED = "refused" // or this page, as the server has refused an edit
const SERVER_CLIENTS = 2 ** 20 // client ids below are the server's, see ementor/notes/yjs.py
const REFUSALS = ["garbage", "too_large", "full", "invalid", "gap"] // of an edit,
const FINAL = ["ended", "old_page", "not_found", "not_allowed"] // and of all that is written

/** Why nothing more can be written, in any document. */
export const stopped = { by: "" }

export const bytes = (data) => new Uint8Array(data)

/** One document: the group's ("note"), or this person's own ("own"). */
export class Replica {
  view = null // the editor, while it shows a part of this document
  wasSynced = false // it was in sync once
  synced = false // the handshake on this connection is done
  seeded = new Set() // parts that the server has begun
  outbox = new Outbox()
  log = new LogPosition()
  lost = null // what was refused, merged
  waitingSince = 0
  alongside = () => [] // further arguments of an update: where the cursor is after it
  #handshakes = 0 // an older one's answer is void
  #failures = 0
  #gaps = 0
  #timer = 0

  /** ``parts`` tells which parts the document has to have. */
  constructor(name, storeKey, parts) {
    Object.assign(this, { name, storeKey, parts })
    this.begin()
    socket.on(`${name}:poke`, ({ number }) => this.expect(number))
    socket.on(`${name}:update`, ({ update, number, place }) => {
      this.apply(bytes(update))
      this.hear(number)
      if (place) say("place", place)
    })
    room.addEventListener("room:online", () => this.shakeHands())
    room.addEventListener("room:offline", () => {
      this.#handshakes++
      this.synced = false
      this.outbox.retract()
      this.places.forget()
      say("state")
    })
    // Nothing depends on a message arriving: with each heartbeat of the room the newest number is asked.
    room.addEventListener("room:beat", async () => {
      const answer = this.synced && (await this.ask("newest"))
      if (answer?.ok) this.expect(answer.number)
    })
  }

  begin() {
    this.doc = new Y.Doc()
    while (this.doc.clientID < SERVER_CLIENTS) this.doc.clientID = crypto.getRandomValues(new Uint32Array(1))[0]
    this.own = new Set([this.doc.clientID, this.doc.clientID + OFF_CLIENTS]) // client ids of what was written here
    this.opened = new Map() // part name -> Part
    this.held = [] // updates that have arrived and are not applied yet
    this.holding = this.typedAt = 0
    this.places = new Places()
    this.places.on(() => say("places", this))
    this.doc.on("update", (update, origin) => {
      if (origin === REMOTE || origin === REFUSED) return
      this.typedAt = performance.now()
      if (!this.isPending) this.waitingSince = performance.now()
      this.outbox.add(piecesOf(update))
      say("state")
      this.soon(PAUSE_MS)
    })
  }

  /** A part of the document, with its undo history. */
  part(name) {
    if (!this.opened.has(name)) this.opened.set(name, new Part(this.doc, name))
    return this.opened.get(name)
  }

  get isPending() {
    return !this.outbox.isEmpty
  }

  // Receiving

  /**
   * Apply an update of the server's. While an input method shows letters that are not chosen yet it waits, as a change
   * beside them would choose them: until they are, or nothing was typed for a while.
   */
  apply(update) {
    this.held.push(update)
    if (this.view?.composing && performance.now() - this.typedAt < COMPOSING_MS) {
      this.holding ||= setTimeout(() => {
        this.holding = 0
        if (this.held.length) this.apply(this.held.pop())
      }, LOOK_MS)
    } else this.release()
  }

  release() {
    if (!this.held.length) return
    this.view?.domObserver.flush() // what the browser has not told the editor yet is older
    const updates = this.held.splice(0)
    Y.applyUpdate(this.doc, updates.length > 1 ? Y.mergeUpdates(updates) : updates[0], REMOTE)
  }

  /** An update of the log with this number has been applied. */
  hear(number) {
    this.log.hear(number)
    this.expectMissing()
  }

  expectMissing() {
    if (this.log.hasGap) this.expect(this.log.seen + 1)
  }

  /** There is an update with this number: when it does not arrive soon, it is asked for. */
  expect(number) {
    if (number > this.log.seen) setTimeout(() => this.synced && this.log.seen < number && this.shakeHands(), MISSED_MS)
  }

  // Asking

  async ask(event, ...args) {
    if (!socket.connected) return null
    try {
      return await socket.timeout(ANSWER_MS).emitWithAck(`${this.name}:${event}`, meeting, ...args)
    } catch {
      return null
    }
  }

  async shakeHands() {
    const mine = ++this.#handshakes
    this.synced = false
    const parts = this.parts()
    const answer = await this.ask("sync", Y.encodeStateVector(this.doc), SCHEMA)
    if (mine !== this.#handshakes) return
    if (!answer) {
      setTimeout(() => mine === this.#handshakes && socket.connected && this.shakeHands(), this.#backOff())
      return
    }
    if (!answer.ok) return this.refused(answer)
    this.apply(bytes(answer.update))
    this.log.reset(answer.number)
    this.expectMissing()
    parts.forEach((part) => this.seeded.add(part))
    this.synced = this.wasSynced = true
    this.recall()
    // All of our own that the server lacks is among the pending edits, except after a gap or when
    // the server has gone back to an older copy.
    const lacking = this.lacking(bytes(answer.state_vector))
    if (lacking && (this.#gaps || !this.isPending)) this.outbox.waiting = piecesOf(lacking)
    if (this.isPending) this.soon(0)
    say("synced")
    say("state")
  }

  /** What was written here and a replica at this state vector has not; null when it has it all. */
  lacking(vector) {
    const theirs = Y.decodeStateVector(vector)
    const clocks = Y.decodeStateVector(Y.encodeStateVector(this.doc))
    const mine = [...this.own].filter((client) => (theirs.get(client) ?? 0) < (clocks.get(client) ?? 0))
    for (const client of mine) clocks.set(client, theirs.get(client) ?? 0)
    return mine.length ? Y.encodeStateAsUpdate(this.doc, stateVector(clocks)) : null
  }

  // Sending

  soon(delay) {
    this.#timer ||= setTimeout(() => {
      this.#timer = 0
      this.send()
    }, delay)
  }

  /** Return how long to wait before the next try. */
  #backOff() {
    return RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]
  }

  async send() {
    const { outbox } = this
    const batch = this.synced && !stopped.by && outbox.take()
    if (!batch) return
    const answer = await this.ask("update", Y.mergeUpdates(batch), ...this.alongside())
    if (outbox.flying !== batch) return // the connection was lost, or it was refused
    if (answer?.ok) {
      outbox.acknowledge()
      this.#failures = this.#gaps = 0
      this.hear(answer.number)
      this.waitingSince = performance.now()
      if (this.isPending) this.soon(0)
      else this.forget()
    } else {
      outbox.retract()
      if (answer) this.refused(answer, batch.length)
      else this.soon(this.#backOff())
    }
    say("state")
  }

  // Being refused

  /** The server refuses so many edits, or (0) the handshake. */
  refused({ error, message }, many = 0) {
    if (error === "gap" && this.#gaps++ < 3) return this.shakeHands()
    if (many && REFUSALS.includes(error)) return this.dropRefused(many, message)
    if (FINAL.includes(error)) {
      stopped.by = error
      this.synced = false
      return say("stopped", message)
    }
    this.soon(this.#backOff()) // it was busy; the edits wait
    if (!this.synced) setTimeout(() => socket.connected && !this.synced && !stopped.by && this.shakeHands(), this.#backOff())
  }

  /** One of these edits is refused: find it, take it back, and send the others. */
  dropRefused(many, message) {
    const { outbox } = this
    if (many > 1) {
      outbox.halve(many)
      return this.soon(0)
    }
    const edit = outbox.shift()
    this.#gaps = 0
    if (outbox.placeholder === edit) return this.startAgain(message)
    Y.applyUpdate(this.doc, deletionOf(edit), REFUSED)
    this.lose([edit], message)
    outbox.unshift(bareOf(edit))
    this.keep()
    this.soon(0)
  }

  /** What was typed letter by letter is refused letter by letter, and is read as what was typed. */
  lose(updates, message) {
    this.lost = Y.mergeUpdates([...(this.lost ? [this.lost] : []), ...updates])
    say("lost", message)
  }

  /** Not even the placeholder is taken: go on from what the server has, with all that is unsent in sight. */
  startAgain(message) {
    this.lose(this.outbox.all(), message)
    this.outbox.clear()
    this.forget()
    say("discarded")
    this.doc.destroy()
    this.seeded.clear()
    this.begin()
    this.shakeHands()
  }

  // Surviving a reload

  keep() {
    keepUnsent(this.storeKey, this.outbox.all())
  }

  forget() {
    keepUnsent(this.storeKey, [])
  }

  recall() {
    let kept = []
    try {
      kept = unsentOf(this.storeKey)
      for (const update of kept) {
        for (const client of clientsOf(update)) this.own.add(client)
        Y.applyUpdate(this.doc, update, "kept")
        if (this.doc.store.pendingStructs) this.lose([update], "") // something before it is nowhere any more
      }
    } catch {
      this.forget()
    }
    if (kept.length && !this.isPending) this.forget() // it had arrived after all
  }
}
