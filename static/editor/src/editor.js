// The notes' editor: ProseMirror on one part of a shared Yjs document. All text people read
// comes from the page; nothing here writes an inline style, which the page's CSP forbids.
import { EditorState, Plugin } from "prosemirror-state"
import { Decoration, DecorationSet, EditorView } from "prosemirror-view"
import { yCursorPlugin, ySyncPlugin, ySyncPluginKey, yUndoPlugin } from "y-prosemirror"
import { ACTIONS, keys, linkAt, setLink, typing } from "./commands.js"
import { isSafeLink, labels, linkFrom, schema } from "./schema.js"

export * as Y from "./yjs.js"
export { ACTIONS, labels, linkAt, linkFrom, setLink }

/**
 * Other people's places in the text, in the shape y-prosemirror reads them: who is who comes
 * from the server. A place not heard of again for STALE_MS is forgotten.
 */
export class Places {
  static STALE_MS = 40_000

  constructor(doc) {
    this.doc = doc
    this.clientID = doc.clientID
    this.states = new Map()
    this.heardAt = new Map()
    this.listeners = new Set()
    this.local = {}
    this.onLocal = () => {}
  }

  on(event, listener) {
    if (event === "change") this.listeners.add(listener)
  }

  off(event, listener) {
    this.listeners.delete(listener)
  }

  getStates() {
    return this.states
  }

  getLocalState() {
    return this.local
  }

  setLocalStateField(name, value) {
    this.local = { ...this.local, [name]: value }
    if (name === "cursor") this.onLocal(value)
  }

  /** Somebody is at ``cursor`` ({anchor, head} as JSON), or nowhere when it is null. */
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

function cursorBuilder(user) {
  const caret = document.createElement("span")
  caret.className = `caret by-${user.colour}`
  caret.dataset.name = user.name
  return caret
}

/** y-prosemirror's cursors; a place that has just lost its ground costs the cursors, never the editor. */
function cursors(places) {
  const plugin = yCursorPlugin(places, { cursorBuilder, selectionBuilder, awarenessStateFilter: () => true })
  for (const name of ["init", "apply"]) {
    const draw = plugin.spec.state[name]
    plugin.spec.state[name] = (...args) => {
      try {
        return draw(...args)
      } catch {
        return DecorationSet.empty
      }
    }
  }
  return plugin
}

const selectionBuilder = (user) => ({ class: `picked by-${user.colour}` })

/** A box in front of each task: a real button, so it works by mouse, touch and keyboard. */
class TaskView {
  constructor(node, view, getPos) {
    this.node = node
    this.dom = document.createElement("li")
    this.box = document.createElement("button")
    this.box.type = "button"
    this.box.className = "box"
    this.box.contentEditable = "false"
    this.box.setAttribute("role", "checkbox")
    this.contentDOM = document.createElement("div")
    this.dom.append(this.box, this.contentDOM)
    this.box.addEventListener("mousedown", (event) => event.preventDefault()) // keep the selection
    this.box.addEventListener("click", () => {
      if (view.editable) view.dispatch(view.state.tr.setNodeAttribute(getPos(), "checked", !this.node.attrs.checked))
    })
    this.show()
  }

  show() {
    const checked = String(this.node.attrs.checked === true)
    this.dom.dataset.checked = checked
    this.box.setAttribute("aria-checked", checked)
    this.box.setAttribute("aria-label", this.node.firstChild?.textContent.trim() || "–")
  }

  update(node) {
    if (node.type !== this.node.type) return false
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

/** Says what belongs here while nothing is written. */
function placeholder(text) {
  return new Plugin({
    props: {
      decorations({ doc }) {
        const only = doc.childCount === 1 && doc.firstChild
        if (!only || only.type !== schema.nodes.paragraph || only.content.size) return null
        return DecorationSet.create(doc, [Decoration.node(0, only.nodeSize, { class: "empty", "data-placeholder": text })])
      },
    },
  })
}

/** A local change that brings more than ``bytes`` of text at once is not made. */
function limit(bytes, onTooLong) {
  return new Plugin({
    filterTransaction(tr) {
      if (!tr.docChanged || tr.getMeta(ySyncPluginKey)) return true
      let size = 0
      for (const { slice } of tr.steps) {
        if (!slice?.size) continue
        if (slice.size > bytes) size = slice.size
        else slice.content.descendants((node) => void (size += node.isText ? utf8Length(node.text) : 12))
      }
      if (size <= bytes) return true
      onTooLong()
      return false
    },
  })
}

/** Pasted HTML without what the page's CSP would complain of: styles are read as plain data. */
function quiet(html) {
  return html
    .replace(/<(script|style)\b[^]*?(<\/\1>|$)/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, (name) => ` data-${name.trim().toLowerCase()}`))
}

const utf8Length = (text) => new TextEncoder().encode(text).length

/**
 * Put an editor for the fragment into ``place``.
 *
 * ``label()`` and ``hint`` are for people; ``editable()`` is asked again at each update;
 * ``onChange(view)`` follows every change of text or selection.
 */
export function openEditor({ place, fragment, places, label, hint, editable, maxBytes, onTooLong, onChange, askForLink }) {
  return new EditorView(
    { mount: place },
    {
      state: EditorState.create({
        schema,
        plugins: [
          ySyncPlugin(fragment),
          cursors(places),
          yUndoPlugin(),
          limit(maxBytes, onTooLong),
          typing(linkFrom),
          ...keys(askForLink),
          placeholder(hint),
        ],
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
      nodeViews: { task_item: (node, view, getPos) => new TaskView(node, view, getPos) },
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
        click(view, event) {
          const link = event.target.closest?.("a[href]")
          if (!link || !(event.ctrlKey || event.metaKey || !view.editable)) return false
          if (isSafeLink(link.getAttribute("href"))) window.open(link.href, "_blank", "noopener,noreferrer")
          event.preventDefault()
          return true
        },
      },
      dispatchTransaction(tr) {
        this.updateState(this.state.apply(tr)) // the first comes before openEditor has its view
        onChange(this, tr)
      },
    }
  )
}
