// Keeps a ProseMirror document and a shared text (Y.Text) the same.
//
// In the text a line end closes each block and carries what the block is, as formats; a line break inside a
// block is U+2028. So no element holds anybody's letters: whatever becomes of a block, a letter goes only when
// somebody deletes that letter. An index of the text and a position in the document differ by the blocks before.
import { Slice } from "prosemirror-model"
import { TextSelection } from "prosemirror-state"
import { ReplaceStep } from "prosemirror-transform"
import * as Y from "./yjs.js"
import { schema } from "./schema.js"

const { nodes, marks } = schema
const END = "\n"
const BREAK = "\u2028"
const ATTRIBUTES = Object.keys(nodes.block.spec.attrs)
const MARKS = Object.keys(marks)
const REMOTE = "remote" // meta of a transaction that shows what the text has become,
const UNTRACKED = "untracked" // and of one that nobody has made, and so nobody undoes

/** So much higher is the client id of letters written off the record, as in ementor/notes/document.py. */
export const OFF_CLIENTS = 2 ** 32

// --- One as the other ----------------------------------------------------------------------------

const indexAt = (doc, pos) => {
  const $pos = doc.resolve(pos)
  return pos - $pos.index(0) - $pos.depth
}

/** The position inside a block that an index means; beyond the end, the last one. */
export function positionAt(doc, index) {
  let start = 0
  for (let at = 0; at < doc.childCount; at++) {
    const { content, nodeSize } = doc.child(at)
    if (index <= content.size) return start + 1 + index
    index -= content.size + 1
    start += nodeSize
  }
  return start - 1
}

const formatsOf = (node) => Object.fromEntries(node.marks.map(({ type, attrs }) => [type.name, type === marks.link ? attrs.href : true]))
const said = (attrs) => Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== null))

/** What stands between two positions, as the text has it: [{insert, attributes}]. */
function runsBetween(doc, from, to) {
  const runs = []
  doc.forEach((block, start) => {
    const end = start + block.nodeSize
    if (end <= from || start >= to) return
    block.nodesBetween(Math.max(from - start - 1, 0), Math.min(to - start - 1, block.content.size), (node, at) => {
      if (node.isText) {
        const text = node.text.slice(Math.max(from - start - 1 - at, 0), Math.max(to - start - 1 - at, 0))
        if (text) runs.push({ insert: text, attributes: formatsOf(node) })
      } else if (start + 1 + at >= from && start + 2 + at <= to) runs.push({ insert: BREAK, attributes: formatsOf(node) })
    })
    if (from <= end - 1 && to >= end) runs.push({ insert: END, attributes: said(block.attrs) })
  })
  return runs
}

const textOf = (runs) => runs.map(({ insert }) => insert).join("")

/** The document that a shared text means; what means nothing in it is passed over. */
export function docFrom(delta) {
  const blocks = []
  let content = []
  for (const { insert, attributes = {} } of delta) {
    if (typeof insert !== "string") continue
    const all = MARKS.filter((name) => attributes[name]).map((name) => marks[name].create(name === "link" ? { href: attributes.link } : null))
    for (const piece of insert.split(/(\n|\u2028)/)) {
      if (piece === END) {
        blocks.push(nodes.block.create(Object.fromEntries(ATTRIBUTES.map((name) => [name, attributes[name] || null])), content))
        content = []
      } else if (piece === BREAK) content.push(nodes.hard_break.create(null, null, all))
      else if (piece) content.push(schema.text(piece, all))
    }
  }
  if (content.length || !blocks.length) blocks.push(nodes.block.create(null, content))
  return nodes.doc.create(null, blocks)
}

/** What differs between two strings: [how much is the same at the start, and at the end]. Never half a character. */
function difference(before, after) {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  if (/[\ud800-\udbff]/.test(before[start - 1] ?? "")) start--
  let end = 0
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  if (/[\udc00-\udfff]/.test(before[before.length - end] ?? "")) end--
  return [start, end]
}

/** The part of the runs between two offsets. */
function cut(runs, from, to) {
  const some = []
  let at = 0
  for (const { insert, attributes } of runs) {
    const text = insert.slice(Math.max(from - at, 0), Math.max(to - at, 0))
    if (text) some.push({ insert: text, attributes })
    at += insert.length
  }
  return some
}

// --- The binding ---------------------------------------------------------------------------------

/** One part of the notes: its text, and what can be undone in it, also after it was out of sight. */
export class Part {
  constructor(doc, name) {
    this.doc = doc
    this.text = doc.getText(name)
    this.view = null
    this.undoing = new Y.UndoManager(this.text, { trackedOrigins: new Set([this]) })
    this.undoing.on("stack-item-added", ({ stackItem }) => {
      if (!stackItem.meta.has(this)) stackItem.meta.set(this, this.before)
    })
    this.undoing.on("stack-item-popped", ({ stackItem }) => this.choose(stackItem.meta.get(this)))
    this.before = null // the selection before the change under way
    this.remember = (transaction) => {
      if (!this.view || transaction.origin === this) return
      this.before = this.selection()
      this.off = transaction.origin === this.undoing ? [] : this.offRecord()
    }
    this.show = (event, { origin }) => {
      if (!this.view || origin === this) return
      this.render()
      this.keepOff()
    }
    doc.on("beforeTransaction", this.remember)
    this.text.observe(this.show)
  }

  /** Show the part in an editor from now on, or (null) in none. */
  attach(view) {
    this.view = view
    this.undoing.stopCapturing()
  }

  start() {
    return docFrom(this.text.toDelta())
  }

  /** The text has changed: make the smallest change of the document that shows it. */
  render() {
    const { state } = this.view
    const next = docFrom(this.text.toDelta())
    const tr = state.tr
    const start = state.doc.content.findDiffStart(next.content)
    if (start === null) return
    let { a, b } = state.doc.content.findDiffEnd(next.content)
    const overlap = Math.max(start - Math.min(a, b), 0)
    a += overlap
    b += overlap
    try {
      tr.step(new ReplaceStep(start, a, next.slice(start, b)))
    } catch {
      // The change begins and ends at different depths.
    }
    if (!tr.doc.eq(next)) tr.replace(0, tr.doc.content.size, new Slice(next.content, 0, 0))
    const selection = this.restored(this.before, tr.doc)
    if (selection) tr.setSelection(selection)
    this.view.dispatch(tr.setMeta(REMOTE, true).setMeta("addToHistory", false))
  }

  /** The blocks off the record, in terms of letters: where their words begin and end, and their line end. */
  offRecord() {
    const found = []
    this.view.state.doc.forEach((block, pos) => {
      const from = indexAt(this.view.state.doc, pos + 1)
      const to = from + block.content.size
      if (block.attrs.off_record && to > from) found.push({ from: this.tie(from, 0), to: this.tie(to, -1), end: this.tie(to, 0) })
    })
    return found
  }

  /** Somebody has deleted the line end of a block off the record, and not all of its words: they stay off it. */
  keepOff() {
    const { doc, tr } = this.view.state
    const index = (place) => Y.createAbsolutePositionFromRelativePosition(place, this.doc)?.index
    for (const { from, to, end } of this.off ?? []) {
      const now = this.tie(index(end) ?? 0, 0).item
      if (now && end.item && now.client === end.item.client && now.clock === end.item.clock) continue
      const [first, last] = [this.find(from, doc), this.find(to, doc)]
      if (first === null || last === null || last <= first) continue
      doc.nodesBetween(first, last, (node, pos) => {
        if (node.type === nodes.block && !node.attrs.off_record) tr.setNodeAttribute(pos, "off_record", true)
        return false
      })
    }
    this.off = []
    if (tr.docChanged) this.view.dispatch(tr.setMeta(UNTRACKED, true))
  }

  /** The document was changed here: make the same change to the text, and to no letter more. */
  push(transactions, before, after) {
    this.before = this.selection(before)
    // What a press has made of words is undone apart from the words.
    const isTyped = transactions.every(({ steps }) => steps.every((step) => step instanceof ReplaceStep))
    if (!isTyped) this.undoing.stopCapturing()
    this.doc.transact(() => {
      let isPlain = isTyped
      for (const tr of transactions) {
        tr.steps.forEach((step, at) => {
          const [old, now] = [tr.docs[at], tr.docs[at + 1] ?? tr.doc]
          step.getMap().forEach((oldFrom, oldTo, from, to) => {
            const gone = textOf(runsBetween(old, oldFrom, oldTo))
            const runs = runsBetween(now, from, to)
            const isInside = !gone.includes(END) && !textOf(runs).includes(END)
            if (!isInside) isPlain = false
            this.as(isInside && now.resolve(from).parent.attrs.off_record, () => this.replace(indexAt(now, from), gone, runs))
          })
        })
      }
      if (isPlain) return
      const want = runsBetween(after, 0, after.content.size)
      const have = this.text.toString()
      if (have !== textOf(want)) this.replace(0, have, want)
      this.format(want)
    }, transactions.some((tr) => tr.getMeta(UNTRACKED)) ? UNTRACKED : this)
    if (!isTyped) this.undoing.stopCapturing()
  }

  /**
   * Write letters off the record, or not, under an id that says so: should the end of their line, which says it as
   * well, be deleted before they arrive, then the server gives them another.
   */
  as(isOff, write) {
    const { clientID } = this.doc
    if (isOff) this.doc.clientID = clientID + OFF_CLIENTS
    try {
      write()
    } finally {
      this.doc.clientID = clientID
    }
  }

  replace(index, gone, runs) {
    const text = textOf(runs)
    const [start, end] = difference(gone, text)
    if (gone.length > start + end) this.text.delete(index + start, gone.length - start - end)
    let at = index + start
    for (const { insert, attributes } of cut(runs, start, text.length - end)) {
      this.text.insert(at, insert, { ...attributes })
      at += insert.length
    }
  }

  /** Give the text the formats of these runs, where they differ. */
  format(runs) {
    const changes = []
    const have = this.text.toDelta()
    let [at, from] = [0, 0] // in which run of the text, and how far
    let index = 0
    for (const { insert, attributes } of runs) {
      for (let left = insert.length; left; ) {
        const { insert: there, attributes: formats = {} } = have[at]
        const names = insert === END ? ATTRIBUTES : MARKS
        const isEnd = there[from] === END
        let length = Math.min(left, there.length - from)
        if (insert !== END && !isEnd) {
          const next = there.indexOf(END, from)
          if (next >= 0) length = Math.min(length, next - from)
        } else length = 1
        const change = {}
        // What was off the record, and is put on it, says so.
        for (const name of names) if ((formats[name] || null) !== (attributes[name] ?? null)) change[name] = attributes[name] ?? (name === "off_record" ? false : null)
        if (Object.keys(change).length) changes.push([index, length, change])
        index += length
        left -= length
        from += length
        if (from === there.length) [at, from] = [at + 1, 0]
      }
    }
    for (const [from, length, change] of changes) this.text.format(from, length, change)
  }

  undo() {
    return Boolean(this.undoing.undo())
  }

  redo() {
    return Boolean(this.undoing.redo())
  }

  // A caret stays with the letter on its left, so that two who write at one place keep their words whole. What
  // is selected begins with its own first letter.

  tie(index, assoc) {
    return Y.createRelativePositionFromTypeIndex(this.text, index, assoc)
  }

  /** Where the selection is, in terms of letters. */
  selection({ doc, selection } = this.view?.state ?? {}) {
    if (!doc) return null
    const { anchor, head, empty } = selection
    const tied = (pos) => this.tie(indexAt(doc, pos), !empty && pos === selection.from ? 0 : -1)
    return { anchor: tied(anchor), head: tied(head) }
  }

  /** The position of a tied place in the document shown; null when it is in another part. */
  find(place, doc) {
    const found = place && Y.createAbsolutePositionFromRelativePosition(place, this.doc)
    return found?.type === this.text ? positionAt(doc, found.index) : null
  }

  restored(kept, doc) {
    const [anchor, head] = [this.find(kept?.anchor, doc), this.find(kept?.head, doc)]
    return anchor === null || head === null ? null : TextSelection.between(doc.resolve(anchor), doc.resolve(head))
  }

  choose(kept) {
    const selection = this.view && this.restored(kept, this.view.state.doc)
    if (selection) this.view.dispatch(this.view.state.tr.setSelection(selection).scrollIntoView())
  }

  destroy() {
    this.view = null
    this.undoing.destroy()
    this.text.unobserve(this.show)
    this.doc.off("beforeTransaction", this.remember)
  }
}

export const isRemote = (tr) => Boolean(tr.getMeta(REMOTE))
