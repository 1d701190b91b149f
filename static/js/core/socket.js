// A Socket.IO client for this room: Engine.IO 4 over one WebSocket, Socket.IO 5, with answers and bytes.
//
// The same few names as the library's socket, so that the library can take its place. It has no other transports,
// namespaces or send buffer: an emit while disconnected fails at once, and is made again after the reconnect
// (connection.js and notes/replica.js catch up by asking). A sixth of the library's size.

const OPEN = "0", CLOSE = "1", PING = "2", PONG = "3", MESSAGE = "4" // Engine.IO
const CONNECT = "0", DISCONNECT = "1", EVENT = "2", ACK = "3", ERROR = "4", BYTES_EVENT = "5", BYTES_ACK = "6" // Socket.IO

/** Connects at once and keeps reconnecting. Options: auth; least, most: the back-off; timeout: all in ms. */
export class Socket {
  connected = false
  #options
  #wire = null
  #wanted = true
  #tries = 0
  #retry = 0
  #deaf = 0
  #patience = 0
  #listeners = new Map()
  #asked = new Map()
  #number = 0
  id // the server's session id; sent when reconnecting, as the server may not know that the old one is dead
  #waiting = null // a message whose bytes are still to come

  constructor(options) {
    this.#options = options
    this.#open()
  }

  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }

  /** Send without an acknowledgement; false while disconnected. */
  emit(event, ...args) {
    if (typeof args.at(-1) === "function") this.#ask(event, args.slice(0, -1), Infinity).then(args.at(-1), () => {})
    else if (this.connected) this.#send(event, args, "")
    return this.connected
  }

  get volatile() { return this }

  timeout(ms) {
    return { emitWithAck: (event, ...args) => this.#ask(event, args, ms) }
  }

  emitWithAck(event, ...args) { return this.#ask(event, args, Infinity) }

  connect() {
    this.#wanted = true
    if (!this.#wire) this.#open()
    return this
  }

  disconnect() {
    this.#wanted = false
    clearTimeout(this.#retry)
    if (this.connected) this.#wire.send(MESSAGE + DISCONNECT)
    this.#drop("io client disconnect")
    return this
  }

  #ask(event, args, ms) {
    if (!this.connected) return Promise.reject(new Error("the line is down"))
    const id = this.#number++
    return new Promise((resolve, reject) => {
      const late = ms < Infinity && setTimeout(() => this.#asked.delete(id) && reject(new Error("no answer")), ms)
      const done = (settle) => (value) => { clearTimeout(late); settle(value) }
      this.#asked.set(id, { resolve: done(resolve), reject: done(reject) })
      this.#send(event, args, id)
    })
  }

  #send(event, args, id) {
    const bytes = []
    const text = JSON.stringify([event, ...args], function (key, value) {
      const raw = this[key] // before a toJSON of its own
      if (!(raw instanceof Uint8Array || raw instanceof ArrayBuffer)) return value
      return { _placeholder: true, num: bytes.push(raw) - 1 }
    })
    this.#wire.send(MESSAGE + (bytes.length ? `${BYTES_EVENT}${bytes.length}-` : EVENT) + id + text)
    for (const one of bytes) this.#wire.send(one)
  }

  #open() {
    clearTimeout(this.#retry)
    const wire = this.#wire = new WebSocket(`${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`)
    wire.binaryType = "arraybuffer"
    this.#listen(this.#options.timeout)
    wire.onmessage = ({ data }) => wire === this.#wire && this.#hear(data)
    wire.onclose = () => wire === this.#wire && this.#drop("transport close")
  }

  /** Take the connection for lost when nothing arrives for so long. */
  #listen(ms) {
    clearTimeout(this.#deaf)
    this.#patience = ms
    this.#deaf = setTimeout(() => this.#drop("ping timeout"), ms)
  }

  #hear(data) {
    this.#listen(this.#patience) // the server pings only who is silent, so whatever it sends counts
    if (typeof data !== "string") return this.#bytes(data)
    const rest = data.slice(1)
    if (data[0] === OPEN) {
      const { pingInterval, pingTimeout } = JSON.parse(rest)
      this.#listen(pingInterval + pingTimeout)
      this.#wire.send(MESSAGE + CONNECT + JSON.stringify({ ...this.#options.auth, before: this.id }))
    } else if (data[0] === PING) {
      this.#wire.send(PONG)
    } else if (data[0] === CLOSE) this.#drop("transport close")
    else if (data[0] === MESSAGE) this.#packet(rest)
  }

  #packet(text) {
    const [, type, attached, id, body] = /^(\d)(?:(\d+)-)?(\d*)(.*)$/s.exec(text)
    const packet = { type, id, body: body && JSON.parse(body), left: Number(attached ?? 0), bytes: [] }
    if (packet.left) this.#waiting = packet
    else this.#deliver(packet)
  }

  #bytes(data) {
    const packet = this.#waiting
    if (!packet) return
    packet.bytes.push(data)
    if (--packet.left) return
    this.#waiting = null
    packet.body = filled(packet.body, packet.bytes)
    this.#deliver(packet)
  }

  #deliver({ type, id, body }) {
    if (type === EVENT || type === BYTES_EVENT) return this.#tell(...body)
    if (type === ACK || type === BYTES_ACK) {
      this.#asked.get(Number(id))?.resolve(body[0])
      return this.#asked.delete(Number(id))
    }
    if (type === CONNECT) {
      this.connected = true
      this.id = body.sid
      this.#tries = 0
      return this.#tell("connect")
    }
    this.#drop(type === ERROR ? "refused" : "io server disconnect")
  }

  #tell(event, ...args) {
    for (const listener of this.#listeners.get(event) ?? []) listener(...args)
  }

  #drop(reason) {
    const wire = this.#wire
    const was = this.connected
    this.#wire = null
    this.connected = false
    this.#waiting = null
    clearTimeout(this.#deaf)
    wire?.close()
    for (const { reject } of this.#asked.values()) reject(new Error("the line is down"))
    this.#asked.clear()
    if (this.#wanted) {
      // Each time longer, and never all at the same moment.
      const { least, most } = this.#options
      this.#retry = setTimeout(() => this.#open(), Math.min(most, least * 2 ** this.#tries++) * (0.3 + Math.random()))
    }
    this.#tell(was ? "disconnect" : "connect_error", reason)
  }
}

/** Put the bytes where the text said they belong. */
function filled(value, bytes) {
  if (value?._placeholder) return bytes[value.num]
  if (Array.isArray(value)) return value.map((one) => filled(one, bytes))
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, bytes)]))
  return value
}
