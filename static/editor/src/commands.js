// What the toolbar and the keyboard do.
import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark } from "prosemirror-commands"
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from "prosemirror-inputrules"
import { keymap } from "prosemirror-keymap"
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list"
import { redo, undo } from "y-prosemirror"
import { schema } from "./schema.js"

const { nodes, marks } = schema
const LISTS = { bullet: nodes.bullet_list, numbered: nodes.ordered_list, task: nodes.task_list }
const ITEM_OF = new Map([
  [nodes.bullet_list, nodes.list_item],
  [nodes.ordered_list, nodes.list_item],
  [nodes.task_list, nodes.task_item],
])

/** The innermost list around the selection, with its depth; null outside lists. */
function listAround($from) {
  for (let depth = $from.depth; depth > 0; depth--) {
    if (ITEM_OF.has($from.node(depth).type)) return { depth, node: $from.node(depth) }
  }
  return null
}

/** Make the blocks a list of this kind, make another list into it, or take them out of it. */
function toggleList(type) {
  return (state, dispatch) => {
    const list = listAround(state.selection.$from)
    if (!list) return wrapInList(type)(state, dispatch)
    if (list.node.type === type) return liftListItem(ITEM_OF.get(type))(state, dispatch)
    if (dispatch) {
      const { $from } = state.selection
      const items = []
      list.node.forEach((item) => items.push(ITEM_OF.get(type).create(null, item.content)))
      const start = $from.before(list.depth)
      const tr = state.tr.replaceWith(start, start + list.node.nodeSize, type.create(null, items))
      const at = (old) => tr.doc.resolve(Math.min(old, tr.doc.content.size))
      tr.setSelection(state.selection.constructor.between(at(state.selection.anchor), at(state.selection.head)))
      dispatch(tr.scrollIntoView())
    }
    return true
  }
}

/** The places of the sections off the record that the selection touches, the last first. */
function offRecords({ doc, selection: { from, to } }) {
  const found = []
  doc.forEach((node, at) => {
    if (node.type === nodes.off_record && at < to && from < at + node.nodeSize) found.unshift(at)
  })
  return found
}

/** Put the blocks off the record, or what is so back on it. */
function toggleOffRecord(state, dispatch) {
  const { tr, selection } = state
  const around = selection.$from.blockRange(selection.$to, (node) => node.type === nodes.doc)
  const some = offRecords(state)
  for (const at of some) {
    const end = at + tr.doc.nodeAt(at).nodeSize
    tr.lift(tr.doc.resolve(at + 1).blockRange(tr.doc.resolve(end - 1)), 0)
  }
  if (!some.length) tr.wrap(around, [{ type: nodes.off_record }])
  dispatch?.(tr.scrollIntoView())
  return true
}

/** Neither Backspace (-1) nor Delete (1) carries anything over the edge of what is off the record. */
function stayInside(step) {
  return (state, dispatch) => {
    const { $from, empty } = state.selection
    if (!empty || !$from.depth) return false
    const top = $from.node(1)
    const room = step < 0 ? $from.pos - $from.start(1) : $from.end(1) - $from.pos
    const isOff = (node) => node?.type === nodes.off_record
    if (room !== $from.depth - 1 || isOff(top) === isOff(state.doc.maybeChild($from.index(0) + step))) return false
    if (isOff(top)) return top.textContent || top.childCount > 1 ? true : toggleOffRecord(state, dispatch)
    if (top.content.size) return true
    const tr = state.tr.delete($from.before(1), $from.after(1))
    dispatch?.(tr.setSelection(state.selection.constructor.near(tr.doc.resolve($from.before(1)), step)).scrollIntoView())
    return true
  }
}

const isHeading = (state) => state.selection.$from.parent.type === nodes.heading

/** Large heading, small heading, and plain text again. */
function cycleHeading(state, dispatch) {
  const { parent } = state.selection.$from
  if (parent.type !== nodes.heading) return setBlockType(nodes.heading, { level: 3 })(state, dispatch)
  if (parent.attrs.level === 3) return setBlockType(nodes.heading, { level: 4 })(state, dispatch)
  return setBlockType(nodes.paragraph)(state, dispatch)
}

const anyItem = (command) => chainCommands(command(nodes.list_item), command(nodes.task_item))

/** A new task begins undone. */
function splitTask(state, dispatch) {
  return splitListItem(nodes.task_item, { checked: false })(state, dispatch)
}

function toggleTask(state, dispatch) {
  const { $from } = state.selection
  for (let depth = $from.depth; depth > 0; depth--) {
    const node = $from.node(depth)
    if (node.type !== nodes.task_item) continue
    dispatch?.(state.tr.setNodeAttribute($from.before(depth), "checked", !node.attrs.checked))
    return true
  }
  return false
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

export const ACTIONS = {
  heading: { run: cycleHeading, active: isHeading },
  bold: { run: toggleMark(marks.strong), active: (state) => markIsActive(state, marks.strong) },
  italic: { run: toggleMark(marks.em), active: (state) => markIsActive(state, marks.em) },
  ...Object.fromEntries(
    Object.entries(LISTS).map(([name, type]) => [
      name,
      { run: toggleList(type), active: (state) => listAround(state.selection.$from)?.node.type === type },
    ])
  ),
  insight: { run: toggleMark(marks.insight), active: (state) => markIsActive(state, marks.insight) },
  next_step: { run: toggleMark(marks.next_step), active: (state) => markIsActive(state, marks.next_step) },
  off_record: { run: toggleOffRecord, active: (state) => offRecords(state).length > 0 },
  link: { active: (state) => linkAt(state) !== null },
}

/** ``askForLink`` opens the small form for an address. */
export function keys(askForLink) {
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
      "Mod-Enter": chainCommands(toggleTask, hardBreak),
      "Shift-Enter": chainCommands(exitCode, hardBreak),
      Enter: chainCommands(splitListItem(nodes.list_item), splitTask),
      "Mod-]": anyItem(sinkListItem),
      "Mod-[": anyItem(liftListItem),
      Backspace: chainCommands(leaveList, leaveHeading, stayInside(-1)),
      Delete: stayInside(1),
    }),
    keymap(baseKeymap),
  ]
}

/** At the very start of a list's item, Backspace takes it out of the list. */
function leaveList(state, dispatch) {
  const { $from, empty } = state.selection
  if (!empty || $from.parentOffset > 0 || !listAround($from)) return false
  return anyItem(liftListItem)(state, dispatch) || lift(state, dispatch)
}

function leaveHeading(state, dispatch) {
  const { $from, empty } = state.selection
  return empty && $from.parentOffset === 0 && isHeading(state) ? setBlockType(nodes.paragraph)(state, dispatch) : false
}

const TYPED_LINK = /(?:^|\s)(https?:\/\/[^\s<>"`\\]+|www\.[^\s<>"`\\]+\.[^\s<>"`\\]+)\s$/

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
      textblockTypeInputRule(/^(#{1,2})\s$/, nodes.heading, (match) => ({ level: match[1].length + 2 })),
      wrappingInputRule(/^\[([ x]?)\]\s$/, nodes.task_list),
      wrappingInputRule(/^\s*[-*]\s$/, nodes.bullet_list),
      wrappingInputRule(/^1[.)]\s$/, nodes.ordered_list),
      linkTyped,
    ],
  })
}
