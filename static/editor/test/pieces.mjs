// A large update of two client ids that stand beside each other, as of who writes off the record, in pieces: each
// fits what was taken before it.
import * as Y from "yjs"
import { piecesOf } from "../src/updates.js"

const doc = new Y.Doc()
const text = doc.getText("general")
const ids = [2 ** 21, 2 ** 32 + 2 ** 21]
doc.transact(() => {
  for (let at = 0; at < 4000; at++) {
    doc.clientID = ids[at % 2]
    text.insert(at % 3 ? text.length : 0, "x\n"[at % 2])
  }
})
const pieces = piecesOf(Y.encodeStateAsUpdate(doc))
const copy = new Y.Doc()
let waited = 0
for (const piece of pieces) {
  Y.applyUpdate(copy, piece)
  if (copy.store.pendingStructs) waited++
}
const isWhole = copy.getText("general").toString() === text.toString()
console.log(`${pieces.length} pieces, ${waited} had to wait, ${isWhole ? "whole" : "not whole"}`)
process.exitCode = pieces.length > 1 && !waited && isWhole ? 0 : 1
