// Delivery in both directions, without the page: the edits that the server has not acknowledged yet, and the updates
// of its log that have not arrived here yet.

const MOST_EDITS = 400
const MAX_SENT_BYTES = 120 * 1024

/** Edits of this page until they are acknowledged, in order. One batch at a time is on its way. */
export class Outbox {
  waiting = []
  flying = null
  placeholder = null // in the place of a refused edit: carries nothing of it but its number
  #most = MOST_EDITS // edits in a batch: fewer once the server has refused some

  get isEmpty() {
    return !this.flying && !this.waiting.length
  }

  /** Return all that is not acknowledged. */
  all() {
    return [...(this.flying ?? []), ...this.waiting]
  }

  add(edits) {
    this.waiting.push(...edits)
  }

  /** Put the next batch on its way and return it; null while another one is, or when nothing waits. */
  take() {
    const { waiting } = this
    if (this.flying || !waiting.length) return null
    let size = 0
    let many = 0
    while (many < waiting.length && many < this.#most && (many === 0 || size + waiting[many].length <= MAX_SENT_BYTES)) {
      size += waiting[many++].length
    }
    this.flying = waiting.splice(0, many)
    return this.flying
  }

  /** The batch on its way is stored. */
  acknowledge() {
    const batch = this.flying
    this.flying = null
    if (batch.length > 1 || batch[0] !== this.placeholder) this.#most = Math.min(this.#most * 2, MOST_EDITS)
  }

  /** The batch on its way has to be sent again. */
  retract() {
    this.waiting = this.all()
    this.flying = null
  }

  /** A batch of ``many`` was refused: send half as many at a time, until the refused edit is alone. */
  halve(many) {
    this.#most = Math.ceil(many / 2)
  }

  /** Take the first edit out. */
  shift() {
    return this.waiting.shift()
  }

  /** Send ``placeholder`` before all others. */
  unshift(placeholder) {
    this.placeholder = placeholder
    this.waiting.unshift(placeholder)
  }

  clear() {
    this.waiting = []
    this.flying = this.placeholder = null
  }
}

/** How far this page has come in the log of updates, which arrive in any order. */
export class LogPosition {
  seen = 0 // every update up to this number has arrived
  #ahead = new Set()

  /** The server has given all up to ``number``. */
  reset(number) {
    this.seen = number
    for (const one of this.#ahead) if (one <= number) this.#ahead.delete(one)
    this.#advance()
  }

  /** The update with this number has arrived. */
  hear(number) {
    if (number > this.seen) this.#ahead.add(number)
    this.#advance()
  }

  /** Whether one is missing before others that have arrived. */
  get hasGap() {
    return this.#ahead.size > 0
  }

  #advance() {
    while (this.#ahead.delete(this.seen + 1)) this.seen++
  }
}
