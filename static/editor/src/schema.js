// What notes can be made of: a flat sequence of one kind of block, and what a block is are its attributes. The
// server knows the same names and values (FORMATS in ementor/notes/wire.py) and lets nothing else in; whoever
// adds one raises SCHEMA in ementor/notes/document.py.
import { Schema } from "prosemirror-model"

export const SAFE_LINK = /^(https?:\/\/|mailto:)[^\s<>"`\\]+$/i
const MAX_LINK = 2000
export const MAX_DEPTH = 8

export const isSafeLink = (href) => typeof href === "string" && href.length <= MAX_LINK && SAFE_LINK.test(href)

/** The address as typed, made whole: "www.a.example" and "ada@a.example" get what they lack; null when unsafe. */
export function linkFrom(typed) {
  const bare = typed.trim()
  if (!bare) return null
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(bare) ? bare : /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(bare) ? `mailto:${bare}` : `https://${bare}`
  try {
    const href = new URL(whole).href
    return isSafeLink(href) ? href : null
  } catch {
    return null
  }
}

/** What words off the record and the marks are called: {off_record, insight, next_step}. */
export const labels = {}

export const LISTS = ["bullet", "number", "task"]
export const isList = (node) => LISTS.includes(node.attrs.kind)
const TAGS = { heading: "h3", subheading: "h4", bullet: "ul", number: "ol", task: "ul" }

/** The attributes of the section that is drawn around a block off the record. */
export const section = () => ({ class: "off-record", role: "group", "aria-label": labels.off_record, "data-label": labels.off_record })

/** The attributes of a block: what its style and a paste elsewhere go by. */
export const outside = ({ attrs: { kind, depth } }) => ({ ...(kind === "task" && { class: "tasks" }), ...(depth && { "data-depth": depth }) })

/** A mark whose words are collected when the meeting ends. */
const collected = (name, className) => ({ toDOM: () => ["mark", { class: className, "data-label": labels[name] }, 0] })

// Every attribute is null unless it says something: what says nothing is not in the shared text.
export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    block: {
      attrs: { kind: { default: null }, depth: { default: null }, checked: { default: null }, off_record: { default: null } },
      content: "inline*",
      defining: true,
      toDOM(node) {
        const { kind, checked, off_record } = node.attrs
        const inside = isList(node) ? ["li", kind === "task" ? { "data-checked": String(checked === true) } : {}, 0] : 0
        const block = [TAGS[kind] ?? "p", outside(node), inside]
        return off_record ? ["div", section(), block] : block
      },
    },
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, leafText: () => "\u2028", toDOM: () => ["br"] },
  },
  marks: {
    // The first are outermost, so that nothing in them breaks them up.
    insight: collected("insight", "insight"),
    next_step: collected("next_step", "next-step"),
    link: {
      attrs: { href: {} },
      inclusive: false,
      // Whatever a peer may have written into the shared text, only a safe address is one.
      toDOM: (mark) => [
        "a",
        isSafeLink(mark.attrs.href) ? { href: mark.attrs.href, rel: "noopener noreferrer nofollow", target: "_blank" } : {},
        0,
      ],
    },
    em: { toDOM: () => ["em", 0] },
    strong: { toDOM: () => ["strong", 0] },
  },
})
