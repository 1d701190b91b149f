// What notes can be made of. The server knows the same names (wire.py and tree.py in ementor/notes) and lets
// nothing else in; whoever adds one raises SCHEMA in ementor/notes/document.py, since an older
// page deletes from the shared document what it does not know.
import { Schema } from "prosemirror-model"

export const SAFE_LINK = /^(https?:\/\/|mailto:)[^\s<>"`\\]+$/i
const MAX_LINK = 2000

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

/** What a section off the record and the marks are called: {off_record, insight, next_step}. */
export const labels = {}

/** A mark whose words are collected when the meeting ends. */
const collected = (name, className) => ({
  parseDOM: [{ tag: `mark.${className}` }],
  toDOM: () => ["mark", { class: className, "data-label": labels[name] }, 0],
})

// Content is as lenient as can be ("block+", and any block in any list item): what two people
// did at once may meet in a shape nobody made, and y-prosemirror deletes what does not fit.
export const schema = new Schema({
  nodes: {
    doc: { content: "(block | off_record)+" },
    paragraph: { group: "block", content: "inline*", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    heading: {
      attrs: { level: { default: 3 } },
      group: "block",
      content: "inline*",
      defining: true,
      parseDOM: ["h1", "h2", "h3", "h4", "h5", "h6"].map((tag) => ({ tag, attrs: { level: tag < "h4" ? 3 : 4 } })),
      toDOM: (node) => [node.attrs.level === 4 ? "h4" : "h3", 0],
    },
    bullet_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    ordered_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ol" }], toDOM: () => ["ol", 0] },
    task_list: {
      group: "block",
      content: "task_item+",
      parseDOM: [{ tag: "ul.tasks", priority: 60 }],
      toDOM: () => ["ul", { class: "tasks" }, 0],
    },
    list_item: { content: "block+", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    task_item: {
      attrs: { checked: { default: false } },
      content: "block+",
      defining: true,
      parseDOM: [{ tag: "ul.tasks > li", priority: 60, getAttrs: (dom) => ({ checked: dom.dataset.checked === "true" }) }],
      toDOM: (node) => ["li", { "data-checked": String(node.attrs.checked === true) }, 0],
    },
    off_record: {
      content: "block+",
      defining: true,
      parseDOM: [{ tag: "div.off-record" }],
      toDOM: () => ["div", { class: "off-record", role: "group", "aria-label": labels.off_record, "data-label": labels.off_record }, 0],
    },
    text: { group: "inline" },
    hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
  },
  marks: {
    // The first are outermost, so that nothing in them breaks them up.
    insight: collected("insight", "insight"),
    next_step: collected("next_step", "next-step"),
    link: {
      attrs: { href: {} },
      inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (dom) => (isSafeLink(dom.href) ? { href: dom.href } : false) }],
      // Whatever a peer may have written into the shared document, only a safe address is one.
      toDOM: (mark) => [
        "a",
        isSafeLink(mark.attrs.href) ? { href: mark.attrs.href, rel: "noopener noreferrer nofollow", target: "_blank" } : {},
        0,
      ],
    },
    // Pasted styles come as data-style, see quiet() in editor.js.
    em: {
      parseDOM: [{ tag: "i" }, { tag: "em" }, { tag: "span", getAttrs: (dom) => /font-style:\s*italic/.test(dom.dataset.style) && null }],
      toDOM: () => ["em", 0],
    },
    strong: {
      parseDOM: [
        { tag: "strong" },
        { tag: "b", getAttrs: (dom) => !/font-weight:\s*normal/.test(dom.dataset.style) && null },
        { tag: "span", getAttrs: (dom) => /font-weight:\s*(bold|[6-9]00)/.test(dom.dataset.style) && null },
      ],
      toDOM: () => ["strong", 0],
    },
  },
})
