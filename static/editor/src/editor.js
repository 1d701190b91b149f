// The notes' editor: ProseMirror on one part of the shared notes. All text people read comes from the
// page; nothing here writes an inline style, which the page's CSP forbids.
import { EditorState, Plugin } from "prosemirror-state"
import { Decoration, DecorationSet, EditorView } from "prosemirror-view"
import { OFF_CLIENTS, Part, isRemote } from "./binding.js"
import { clean, clipboardParser, clipboardTextParser, clipboardTextSerializer, numbers, transformPasted } from "./clipboard.js"
import { ACTIONS, keys, linkAt, setLink, tabs, typing } from "./commands.js"
import { isSafeLink, labels, linkFrom, outside, schema, section } from "./schema.js"
import * as Y from "./yjs.js"

export { bareOf, clientsOf, deletionOf, piecesOf, stateVector, wordsOf } from "./updates.js"
export { ACTIONS, OFF_CLIENTS, Part, Y, labels, linkAt, linkFrom, setLink }

const { nodes } = schema

/**
 * Other people's places in the text: who is who comes from the server. A place not heard of again for
 * STALE_MS is forgotten.
 */
export class Places {
  static STALE_MS = 40_000

  states = new Map() // key -> {user, cursor: {anchor, head}}
  heardAt = new Map()
  listeners = new Set()

  on(listener) {
    this.listeners.add(listener)
  }

  off(listener) {
    this.listeners.delete(listener)
  }

  /** Somebody is at ``cursor`` ({anchor, head}, tied to letters), or nowhere when it is null. */
  hear(key, user, cursor) {
    if (cursor) this.states.set(key, { user, cursor })
    else if (!this.states.delete(key)) return
    this.heardAt.set(key, performance.now())
    this.tell()
  }

  forget(isGone = () => true) {
    let some = false
    for (const key of [...this.states.keys()]) {
      if (isGone(key, performance.now() - this.heardAt.get(key))) some = this.states.delete(key)
    }
    if (some) this.tell()
  }

  tell() {
    for (const listener of this.listeners) listener()
  }
}

function caretOf(user) {
  const caret = document.createElement("span")
  caret.className = `caret by-${user.colour}`
  caret.dataset.name = user.name
  return caret
}

/** Others' cursors and selections, and where one's own is: ``onPlace`` hears {anchor, head}, or null for nowhere. */
function carets(part, places, onPlace) {
  const draw = ({ doc }) => {
    const found = []
    for (const [key, { user, cursor }] of places.states) {
      const [anchor, head] = [part.find(cursor.anchor, doc), part.find(cursor.head, doc)]
      if (anchor === null || head === null) continue
      found.push(Decoration.widget(head, () => caretOf(user), { key: `${key} ${user.name} ${user.colour}`, side: 10, ignoreSelection: true }))
      if (anchor !== head) found.push(Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), { class: `picked by-${user.colour}` }, { inclusiveEnd: true }))
    }
    return DecorationSet.create(doc, found)
  }
  return new Plugin({
    props: { decorations: draw },
    view(view) {
      const redraw = () => view.dispatch(view.state.tr.setMeta("places", true))
      const tell = () => onPlace(view.hasFocus() ? part.selection() : null)
      places.on(redraw)
      view.dom.addEventListener("focusin", tell)
      view.dom.addEventListener("focusout", tell)
      return {
        update: (_, before) => (view.state.doc.eq(before.doc) && view.state.selection.eq(before.selection)) || tell(),
        destroy() {
          places.off(redraw)
          onPlace(null)
        },
      }
    },
  })
}

/** A box in front of each task: a real button, so it works by mouse, touch and keyboard. */
class TaskView {
  constructor(node, view, getPos) {
    this.node = node
    this.list = document.createElement("ul")
    this.item = document.createElement("li")
    this.box = document.createElement("button")
    this.box.type = "button"
    this.box.className = "box"
    this.box.contentEditable = "false"
    this.box.setAttribute("role", "checkbox")
    this.contentDOM = document.createElement("div")
    this.item.append(this.box, this.contentDOM)
    this.list.append(this.item)
    this.dom = this.list
    if (node.attrs.off_record) {
      this.dom = document.createElement("div")
      for (const [name, value] of Object.entries(section())) this.dom.setAttribute(name, value)
      this.dom.append(this.list)
    }
    this.box.addEventListener("mousedown", (event) => event.preventDefault()) // keep the selection
    this.box.addEventListener("click", () => {
      if (view.editable) view.dispatch(view.state.tr.setNodeAttribute(getPos(), "checked", this.node.attrs.checked ? null : true))
    })
    this.show()
  }

  show() {
    const checked = String(this.node.attrs.checked === true)
    this.list.removeAttribute("data-depth")
    for (const [name, value] of Object.entries(outside(this.node))) this.list.setAttribute(name, value)
    this.item.dataset.checked = checked
    this.box.setAttribute("aria-checked", checked)
    this.box.setAttribute("aria-label", this.node.textContent.trim() || "–")
  }

  update(node) {
    if (node.type !== this.node.type || node.attrs.kind !== "task" || node.attrs.off_record !== this.node.attrs.off_record) return false
    this.node = node
    this.show()
    return true
  }

  stopEvent(event) {
    return this.box.contains(event.target)
  }

  ignoreMutation(mutation) {
    return mutation.type !== "selection" && !this.contentDOM.contains(mutation.target)
  }
}

/** What is drawn beside the words: what belongs here while there are none, and where a list counts from. */
function signs(text) {
  let [last, found] = [null, null]
  const draw = (doc) => {
    const only = doc.childCount === 1 && doc.firstChild
    if (only && !only.attrs.kind && !only.content.size) {
      return DecorationSet.create(doc, [Decoration.node(0, only.nodeSize, { class: "empty", "data-placeholder": text })])
    }
    const count = numbers()
    const counted = []
    doc.forEach((block, pos) => {
      const number = count(block)
      if (number > 1) counted.push(Decoration.node(pos, pos + block.nodeSize, { start: String(number), "data-start": number }))
    })
    return DecorationSet.create(doc, counted)
  }
  return new Plugin({
    props: {
      decorations({ doc }) {
        if (doc !== last) [last, found] = [doc, draw(doc)]
        return found
      },
    },
  })
}

/** A local change that brings more than ``bytes`` of text at once, or more pieces than the server takes, is not made. */
function limit(bytes, onTooLong) {
  const MOST_PIECES = 4000
  return new Plugin({
    filterTransaction(tr) {
      if (!tr.docChanged || isRemote(tr)) return true
      let [size, pieces] = [0, 0]
      for (const { slice } of tr.steps) {
        if (!slice?.size) continue
        if (slice.size > bytes) size = slice.size
        else
          slice.content.descendants((node) => {
            size += node.isText ? utf8Length(node.text) : 1
            pieces += 1 + 2 * (node.isText ? node.marks.length : Object.values(node.attrs).filter((value) => value !== null).length)
          })
      }
      if (size <= bytes && pieces <= MOST_PIECES) return true
      onTooLong()
      return false
    },
  })
}

/** What a change may not bring in: letters that no text holds, and words off the record into a block that is on it. */
const tidy = new Plugin({
  appendTransaction(transactions, before, { doc, tr }) {
    if (!transactions.some((one) => one.docChanged) || transactions.every(isRemote)) return null
    const start = before.doc.content.findDiffStart(doc.content)
    if (start === null) return null
    const wrong = []
    doc.nodesBetween(start, Math.max(before.doc.content.findDiffEnd(doc.content).b, start), (node, pos) => {
      if (node.isText && (/[\n\r\u2028\u2029]/.test(node.text) || clean(node.text) !== node.text)) wrong.unshift({ node, pos })
    })
    for (const { node, pos } of wrong) {
      const pieces = clean(node.text).split(/\r\n?|[\n\u2028\u2029]/).flatMap((words, at) => [
        ...(at ? [nodes.hard_break.create(null, null, node.marks)] : []),
        ...(words ? [schema.text(words, node.marks)] : []),
      ])
      tr.replaceWith(pos, pos + node.nodeSize, pieces)
    }
    if (transactions.every((one) => !one.steps.some((step) => step.slice))) return wrong.length ? tr : null
    const cover = (from, to, but = null) =>
      doc.nodesBetween(from, to, (node, pos) => {
        if (node.type === nodes.block && !node.attrs.off_record && node !== but) tr.setNodeAttribute(tr.mapping.map(pos), "off_record", true)
        return false
      })
    const maps = transactions.flatMap((one) => one.mapping.maps)
    // What was off the record stays so, wherever it stands now.
    before.doc.forEach((block, at) => {
      if (!block.attrs.off_record || !block.content.size) return
      let [from, to] = [at + 1, at + block.nodeSize - 1]
      for (const map of maps) [from, to] = [map.map(from, 1), map.map(to, -1)]
      if (to > from) cover(from, to)
    })
    // What comes into a block off the record, or in its place, is off the record.
    let at = 0
    for (const { steps, docs } of transactions) {
      steps.forEach((step, n) => {
        const rest = maps.slice(++at)
        if (!step.slice?.size) return
        maps[at - 1].forEach((oldFrom, oldTo, from, to) => {
          const [$from, $to] = [docs[n].resolve(oldFrom), docs[n].resolve(oldTo)]
          const block = $from.depth ? $from.parent : oldTo > oldFrom ? $from.nodeAfter : null
          if (!block?.attrs.off_record) return
          for (const map of rest) [from, to] = [map.map(from, -1), map.map(to, 1)]
          const isOn = $to.depth && !$to.parent.attrs.off_record
          if (to > from) cover(from, to, isOn ? doc.resolve(to).parent : null)
        })
      })
    }
    return tr.docChanged ? tr : null
  },
})

/** Pasted HTML without what the page's CSP would complain of: styles are read as plain data. */
function quiet(html) {
  return html
    .replace(/<(script|style)\b[^]*?(<\/\1>|$)/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, (name) => ` data-${name.trim().toLowerCase()}`))
}

const utf8Length = (text) => new TextEncoder().encode(text).length

/**
 * Put an editor for a part of the notes into ``place``.
 *
 * ``label()`` and ``hint`` are for people; ``editable()`` is asked again at each update; ``onChange(view, isOwn)``
 * follows every change of text or selection; ``onPlace`` hears where the cursor is.
 */
export function openEditor({ place, part, places, label, hint, editable, maxBytes, onTooLong, onChange, onPlace, askForLink }) {
  const view = new EditorView(
    { mount: place },
    {
      state: EditorState.create({
        doc: part.start(),
        plugins: [carets(part, places, onPlace), limit(maxBytes, onTooLong), tidy, typing(linkFrom), new Plugin({ props: tabs() }), ...keys(askForLink, part), signs(hint)],
      }),
      editable,
      attributes: () => ({
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": label(),
        "aria-describedby": "note-for",
        "aria-readonly": String(!editable()),
        spellcheck: "true",
      }),
      nodeViews: { block: (node, view, getPos) => (node.attrs.kind === "task" ? new TaskView(node, view, getPos) : null) },
      clipboardParser,
      clipboardTextParser,
      clipboardTextSerializer,
      transformPasted,
      transformPastedHTML: quiet,
      // Refused before it is parsed: reading 5 MB would freeze the page.
      handlePaste(view, event) {
        const data = event.clipboardData
        const html = data?.getData("text/html") ?? ""
        const text = data?.getData("text/plain") ?? ""
        if (text.length <= maxBytes && html.length <= maxBytes * 10) return false
        onTooLong()
        return true
      },
      handleDrop(view, event) {
        const text = event.dataTransfer?.getData("text/plain") ?? ""
        if (text.length <= maxBytes) return false
        onTooLong()
        return true
      },
      handleDOMEvents: {
        // Where Home or an arrow has put the cursor, the browser tells later: on a busy machine after the next
        // key, which would then act on the old place, and Backspace carry text over an edge.
        keydown(view, event) {
          if (!view.composing && event.keyCode !== 229) view.domObserver.flush()
          return false
        },
        // A keyboard on a screen, or a menu, asks for the browser's own undo, which knows nothing of the others.
        beforeinput(view, event) {
          if (!/^history(Undo|Redo)$/.test(event.inputType)) return false
          event.preventDefault()
          event.inputType === "historyUndo" ? part.undo() : part.redo()
          return true
        },
        click(view, event) {
          const link = event.target.closest?.("a[href]")
          if (!link || !(event.ctrlKey || event.metaKey || !view.editable)) return false
          if (isSafeLink(link.getAttribute("href"))) window.open(link.href, "_blank", "noopener,noreferrer")
          event.preventDefault()
          return true
        },
      },
      dispatchTransaction(tr) {
        const before = this.state
        const { state, transactions } = before.applyTransaction(tr)
        this.updateState(state)
        const isOwn = tr.docChanged && !isRemote(tr)
        if (isOwn) part.push(transactions, before, state.doc)
        onChange(this, isOwn)
      },
    }
  )
  part.attach(view)
  return view
}
