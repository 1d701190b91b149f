// Updates of Yjs, taken apart: for one that the server does not take.
import * as encoding from "lib0/encoding"
import * as Y from "./yjs.js"

/** The words that an update brings, as plain text. */
export function wordsOf(update) {
  return Y.decodeUpdate(update).structs.map(({ content }) => content?.str ?? "").join("").replaceAll("\u2028", "\n")
}

const PIECE = 1500 // structs, a quarter of what the server takes at once

/** Updates that together do what a large one does, each small enough for the server. */
export function piecesOf(update) {
  const { structs, ds } = Y.decodeUpdate(update)
  if (structs.length <= PIECE) return [update]
  const pieces = []
  const ordered = inOrder(structs)
  for (let at = 0; at < ordered.length; at += PIECE) pieces.push(encoded(ordered.slice(at, at + PIECE), new Map()))
  if (ds.clients.size) pieces.push(encoded([], ds.clients))
  return pieces
}

/** Structs of several clients, each after those that it stands beside. */
function inOrder(structs) {
  const waiting = [...grouped(structs).values()]
  const next = new Map(waiting.map((some) => [some[0].id.client, some[0].id.clock]))
  const isThere = (id) => !id || id.clock < (next.get(id.client) ?? Infinity)
  const ordered = []
  for (let before = -1; before < ordered.length; ) {
    before = ordered.length
    for (const some of waiting) {
      let many = 0
      for (; many < some.length && isThere(some[many].origin) && isThere(some[many].rightOrigin); many++) {
        next.set(some[many].id.client, some[many].id.clock + some[many].length)
      }
      ordered.push(...some.splice(0, many))
    }
  }
  return ordered
}

function encoded(structs, deletes) {
  const byClient = grouped(structs)
  const encoder = new Y.UpdateEncoderV1()
  encoding.writeVarUint(encoder.restEncoder, byClient.size)
  for (const [client, some] of byClient) {
    encoding.writeVarUint(encoder.restEncoder, some.length)
    encoder.writeClient(client)
    encoding.writeVarUint(encoder.restEncoder, some[0].id.clock)
    for (const struct of some) struct.write(encoder, 0)
  }
  writeDeletes(encoder.restEncoder, deletes)
  return encoder.toUint8Array()
}

/** Whose pieces an update brings: client ids. */
export const clientsOf = (update) => new Set(Y.decodeUpdate(update).structs.map(({ id }) => id.client))

/**
 * The same update without the letters and formats that it brings: they are as if deleted, so that what was
 * written after them, and stands beside them, can still be sent. What it deletes stays deleted.
 */
export function bareOf(update) {
  const { structs, ds } = Y.decodeUpdate(update)
  for (const struct of structs) if (struct instanceof Y.Item) struct.content = new Y.ContentDeleted(struct.length)
  return encoded(structs, ds.clients)
}

/** An update that deletes what another brings. */
export function deletionOf(update) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  const ranges = [...grouped(Y.decodeUpdate(update).structs)].map(([client, some]) => {
    const clock = some[0].id.clock
    const last = some.at(-1)
    return [client, [{ clock, len: last.id.clock + last.length - clock }]]
  })
  writeDeletes(encoder, new Map(ranges))
  return encoding.toUint8Array(encoder)
}

/** A state vector: client id -> the first clock that is missing. */
export function stateVector(clocks) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, clocks.size)
  for (const [client, clock] of clocks) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
  }
  return encoding.toUint8Array(encoder)
}

function grouped(structs) {
  const byClient = new Map()
  for (const struct of structs) {
    const { client } = struct.id
    byClient.get(client)?.push(struct) ?? byClient.set(client, [struct])
  }
  return byClient
}

function writeDeletes(encoder, clients) {
  encoding.writeVarUint(encoder, clients.size)
  for (const [client, ranges] of clients) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, ranges.length)
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, len)
    }
  }
}
