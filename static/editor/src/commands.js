// What the toolbar and the keyboard do. What a block is, is an attribute of it: no command wraps or replaces one.
import { InputRule, inputRules } from "prosemirror-inputrules"
import { keymap } from "prosemirror-keymap"
import { AllSelection, TextSelection } from "prosemirror-state"
import { LISTS, MAX_DEPTH, isList, schema } from "./schema.js"

const { nodes, marks } = schema

/** The first of these commands that has something to do. */
const first = (...commands) => (state, dispatch) => commands.some((command) => command(state, dispatch))

/** Take the mark from the selected words where some have it, else give it; with none selected, for what is typed next. */
const toggleMark = (type) => (state, dispatch) => {
  const { from, to, empty } = state.selection
  const tr = state.tr
  if (empty && markIsActive(state, type)) tr.removeStoredMark(type)
  else if (empty) tr.addStoredMark(type.create())
  else if (markIsActive(state, type)) tr.removeMark(from, to, type)
  else tr.addMark(from, to, type.create())
  dispatch?.(tr.scrollIntoView())
  return true
}

/** The blocks that the selection touches: [{node, pos}]. */
function chosen({ doc, selection: { from, to } }) {
  const blocks = []
  doc.nodesBetween(from, to, (node, pos) => {
    if (node.type === nodes.block) blocks.push({ node, pos })
    return false
  })
  return blocks
}

/** Set attributes of blocks; a function gets the block. What a kind has no use for goes with it. */
function set(state, dispatch, change, blocks = chosen(state)) {
  const tr = state.tr
  for (const { node, pos } of blocks) {
    const attrs = { ...node.attrs, ...(typeof change === "function" ? change(node) : change) }
    if (!LISTS.includes(attrs.kind)) attrs.depth = null
    if (attrs.kind !== "task") attrs.checked = null
    for (const name in attrs) if (attrs[name] !== node.attrs[name]) tr.setNodeAttribute(pos, name, attrs[name])
  }
  dispatch?.(tr.scrollIntoView())
  return true
}

const kindOf = (state) => state.selection.$from.parent.attrs.kind ?? null

/** Make the blocks this kind, or paragraphs again when all of them are. */
const toggleKind = (kind) => (state, dispatch) =>
  set(state, dispatch, { kind: chosen(state).every(({ node }) => node.attrs.kind === kind) ? null : kind })

/** Large heading, small heading, and plain text again. */
function cycleHeading(state, dispatch) {
  const kind = kindOf(state)
  return set(state, dispatch, { kind: kind === "heading" ? "subheading" : kind === "subheading" ? null : "heading" })
}

const isOff = ({ node }) => node.attrs.off_record === true

/** Put the blocks off the record, or back on it when one of them is off. */
const toggleOffRecord = (state, dispatch) => set(state, dispatch, { off_record: chosen(state).some(isOff) ? null : true })

const toggleTask = (state, dispatch) =>
  kindOf(state) === "task" && set(state, dispatch, ({ attrs }) => ({ checked: attrs.checked ? null : true }), chosen(state).slice(0, 1))

/** Move the items of lists a step in (1) or out (-1): at most one deeper than the item before. */
const indent = (step) => (state, dispatch) => {
  const blocks = chosen(state).filter(({ node }) => isList(node))
  if (!blocks.length) return false
  const first = state.doc.resolve(blocks[0].pos).nodeBefore
  const most = Math.min(MAX_DEPTH, first && isList(first) ? (first.attrs.depth ?? 0) + 1 : 0)
  if (step > 0 && (blocks[0].node.attrs.depth ?? 0) >= most) return true
  return set(state, dispatch, ({ attrs }) => ({ depth: Math.min(Math.max((attrs.depth ?? 0) + step, 0), MAX_DEPTH) || null }), blocks)
}

const outOfList = (state, dispatch) => (state.selection.$from.parent.attrs.depth ? indent(-1)(state, dispatch) : set(state, dispatch, { kind: null }))

/** A new block below; after a heading a paragraph; a new task is not done; an empty item leaves its list. */
function enter(state, dispatch) {
  const { $from, empty } = state.selection
  const block = $from.parent
  if (block.type !== nodes.block) return false
  if (empty && !block.content.size) {
    if (isList(block)) return outOfList(state, dispatch)
    const next = state.doc.maybeChild($from.index(0) + 1)
    if (block.attrs.off_record && !next?.attrs.off_record) return set(state, dispatch, { off_record: null }) // out of it again
  }
  if (!dispatch) return true
  const attrs = { ...block.attrs, checked: null, ...(!isList(block) && { kind: null }) }
  const tr = state.tr
  if (empty && !$from.parentOffset && block.content.size) tr.insert($from.before(), nodes.block.create(attrs)) // the words keep what they are
  else tr.deleteSelection().split(tr.selection.from, 1, [{ type: nodes.block, attrs }])
  dispatch(tr.scrollIntoView())
  return true
}

/** At the very start of a block, Backspace first takes away what it is. */
function plainAgain(state, dispatch) {
  const { $from, empty } = state.selection
  if (!empty || $from.parentOffset || !kindOf(state)) return false
  return isList($from.parent) ? outOfList(state, dispatch) : set(state, dispatch, { kind: null })
}

/** Neither Backspace (-1) nor Delete (1) carries words over the edge of what is off the record. */
const stayInside = (step) => (state, dispatch) => {
  const { $from, empty } = state.selection
  const block = $from.parent
  if (!empty || $from.parentOffset !== (step < 0 ? 0 : block.content.size)) return false
  const beside = state.doc.maybeChild($from.index(0) + step)
  const isEdge = (block.attrs.off_record === true) !== (beside?.attrs.off_record === true)
  if (!isEdge) return false
  if (block.content.size) return true
  if (block.attrs.off_record) return set(state, dispatch, { off_record: null })
  const tr = state.tr.delete($from.before(), $from.after())
  dispatch?.(tr.setSelection(TextSelection.near(tr.doc.resolve($from.before()), step)).scrollIntoView())
  return true
}

/** Backspace at the start of a block (-1), Delete at its end (1): the two are one. An empty one goes; the other stays what it is. */
const join = (step) => (state, dispatch) => {
  const { $from, empty } = state.selection
  const tr = state.tr
  if (!empty) tr.deleteSelection()
  else {
    if ($from.parentOffset !== (step < 0 ? 0 : $from.parent.content.size)) return false
    const edge = step < 0 ? $from.before() : $from.after()
    const { nodeBefore, nodeAfter } = state.doc.resolve(edge)
    if (!nodeBefore || !nodeAfter) return true
    if (nodeBefore.content.size) tr.join(edge)
    else tr.delete(edge - nodeBefore.nodeSize, edge)
  }
  dispatch?.(tr.scrollIntoView())
  return true
}

function selectAll(state, dispatch) {
  dispatch?.(state.tr.setSelection(new AllSelection(state.doc)))
  return true
}

function hardBreak(state, dispatch) {
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView())
  return true
}

function markIsActive(state, type) {
  const { from, to, empty, $from } = state.selection
  if (empty) return Boolean(type.isInSet(state.storedMarks || $from.marks()))
  return state.doc.rangeHasMark(from, to, type)
}

/** The link at the selection: its address and how far it reaches; null when there is none. */
export function linkAt(state) {
  const { $from, from, to } = state.selection
  let found = null
  state.doc.nodesBetween($from.start(), $from.end(), (node, pos) => {
    const mark = marks.link.isInSet(node.marks)
    if (!mark || pos > to || pos + node.nodeSize < from) return
    if (found && found.href === mark.attrs.href && found.to === pos) found.to = pos + node.nodeSize
    else if (!found || pos + node.nodeSize > from) found = { href: mark.attrs.href, from: pos, to: pos + node.nodeSize }
  })
  return found
}

/** Link the selected words (or the address itself, when none are selected); null unlinks. */
export function setLink(href) {
  return (state, dispatch) => {
    const old = linkAt(state)
    const { from, to } = old ?? state.selection
    const tr = state.tr
    if (!href) tr.removeMark(from, to, marks.link)
    else if (from === to) tr.replaceSelectionWith(schema.text(href.replace(/^mailto:/, ""), [marks.link.create({ href })]), false)
    else tr.removeMark(from, to, marks.link).addMark(from, to, marks.link.create({ href }))
    dispatch?.(tr.scrollIntoView())
    return true
  }
}

const ofKind = (kind) => ({ run: toggleKind(kind), active: (state) => kindOf(state) === kind })
const ofMark = (type) => ({ run: toggleMark(type), active: (state) => markIsActive(state, type) })

export const ACTIONS = {
  heading: { run: cycleHeading, active: (state) => /heading/.test(kindOf(state)) },
  bold: ofMark(marks.strong),
  italic: ofMark(marks.em),
  bullet: ofKind("bullet"),
  numbered: ofKind("number"),
  task: ofKind("task"),
  insight: ofMark(marks.insight),
  next_step: ofMark(marks.next_step),
  off_record: { run: toggleOffRecord, active: (state) => chosen(state).some(isOff) },
  link: { active: (state) => linkAt(state) !== null },
}

/** ``askForLink`` opens the small form for an address; ``part`` undoes. */
export function keys(askForLink, part) {
  const undo = () => part.undo() || true
  const redo = () => part.redo() || true
  const backspace = first(plainAgain, stayInside(-1), join(-1))
  const forward = first(stayInside(1), join(1))
  return [
    keymap({
      "Mod-z": undo,
      "Mod-y": redo,
      "Mod-Shift-z": redo,
      "Mod-b": ACTIONS.bold.run,
      "Mod-i": ACTIONS.italic.run,
      "Mod-k": () => askForLink() ?? true,
      "Mod-Alt-1": ACTIONS.heading.run,
      "Mod-Shift-8": ACTIONS.bullet.run,
      "Mod-Shift-7": ACTIONS.numbered.run,
      "Mod-Shift-9": ACTIONS.task.run,
      "Mod-Shift-6": ACTIONS.off_record.run,
      "Mod-Shift-1": ACTIONS.insight.run,
      "Mod-Shift-2": ACTIONS.next_step.run,
      "Mod-Enter": first(toggleTask, hardBreak),
      "Shift-Enter": hardBreak,
      Enter: enter,
      "Mod-]": indent(1),
      "Mod-[": indent(-1),
      "Mod-a": selectAll,
      ...Object.fromEntries(["", "Mod-", "Shift-", "Alt-"].flatMap((key) => [[`${key}Backspace`, backspace], [`${key}Delete`, forward]])),
    }),
  ]
}

/** Tab indents in a list; right after Escape it leaves, as everywhere else. */
export function tabs() {
  let leaves = false
  return {
    handleKeyDown(view, event) {
      if (event.key === "Tab" && !leaves && !event.ctrlKey && !event.altKey && !event.metaKey) {
        return indent(event.shiftKey ? -1 : 1)(view.state, view.dispatch)
      }
      if (!["Tab", "Shift"].includes(event.key)) leaves = event.key === "Escape"
      return false
    },
    handleDOMEvents: { blur: () => void (leaves = false) },
  }
}

const TYPED_LINK = /(?:^|\s)(https?:\/\/[^\s<>"`\\]+|www\.[^\s<>"`\\]+\.[^\s<>"`\\]+)\s$/

/** Typed at the start of a block: make it what the signs mean. */
const typedKind = (signs, attrsOf) =>
  new InputRule(signs, (state, match, start, end) => {
    const $start = state.doc.resolve(start)
    const { kind } = $start.parent.attrs
    const attrs = attrsOf(match)
    if (kind && !(attrs.kind === "task" && LISTS.includes(kind))) return null
    const tr = state.tr.delete(start, end)
    for (const name in attrs) tr.setNodeAttribute($start.before(), name, attrs[name])
    return tr
  })

export function typing(linkFrom) {
  const linkTyped = new InputRule(TYPED_LINK, (state, match, start, end) => {
    const words = match[1].replace(/[.,;:!?)\]]+$/, "")
    const href = linkFrom(words)
    if (!href) return null
    const from = end - (match[1].length + match[0].length - match[0].trimEnd().length - 1)
    const to = from + words.length
    if (to > end || state.doc.rangeHasMark(from, to, marks.link)) return null
    return state.tr
      .addMark(from, to, marks.link.create({ href }))
      .insertText(match[0].slice(match[0].trimEnd().length), end)
      .removeStoredMark(marks.link)
  })
  return inputRules({
    rules: [
      typedKind(/^(#{1,2})\s$/, (match) => ({ kind: match[1].length > 1 ? "subheading" : "heading" })),
      typedKind(/^\[([ x]?)\]\s$/, (match) => ({ kind: "task", checked: match[1] === "x" || null })),
      typedKind(/^\s*[-*]\s$/, () => ({ kind: "bullet" })),
      typedKind(/^1[.)]\s$/, () => ({ kind: "number" })),
      linkTyped,
    ],
  })
}
