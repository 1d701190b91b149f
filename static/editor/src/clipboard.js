// What is pasted, as blocks, and what is copied, as plain text.
//
// Read are pages, mail, word processors and sheets: each writes its lists, cells and bold in a way of its own.
import { Fragment, Slice } from "prosemirror-model"
import { MAX_DEPTH, isList, isSafeLink, schema } from "./schema.js"

const { nodes, marks } = schema
const SKIPPED = new Set(["HEAD", "STYLE", "SCRIPT", "TITLE", "META", "LINK", "TEMPLATE", "NOSCRIPT", "COLGROUP"])
const BLOCKS = new Set(
  "ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY CENTER DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION SUMMARY TABLE TR UL".split(" ")
)
const BULLET = /^[\u00b7\u2022\u25aa\u25cf\u25e6\u2023\u00a7\uf0b7][\s\u00a0]+/

/** Styles come as data-style, see quiet() in editor.js. */
const styleOf = (dom) => dom.dataset?.style ?? ""
/** The value of one property: "font-weight" is not "mso-bidi-font-weight". */
const property = (dom, name) => new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, "i").exec(styleOf(dom))?.[1].trim().toLowerCase()

const keepsSpace = (dom) => /^pre/.test(property(dom, "white-space") ?? "")

/** Letters as notes may have them: no control characters, no half of a character. */
export const clean = (text) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, "").replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")

class Reader {
  blocks = []
  content = []
  attrs = {}
  space = false // white space that counts only if words follow
  item = null // what the item of a list is that this is inside of, where the next block is the next line
  cells = 0 // inside a cell, where it is a space

  /** End the block under way; an empty one only when it was meant. */
  end(meant = false) {
    while (this.content.at(-1)?.type === nodes.hard_break) this.content.pop()
    if (this.content.length || meant) this.blocks.push(nodes.block.create(this.attrs, this.content))
    this.content = []
    this.space = false
    this.attrs = { off_record: this.attrs.off_record }
  }

  /** A block begins or ends here. */
  edge() {
    if (this.cells) this.space = true
    else if (!this.item) this.end()
    else if (this.content.length) this.break()
  }

  break() {
    this.space = false
    if (this.content.at(-1)?.type !== nodes.hard_break) this.content.push(nodes.hard_break.create())
  }

  write(text, some, pre) {
    if (pre) {
      clean(text.replace(/\r\n?/g, "\n")).split("\n").forEach((line, at) => {
        if (at) this.item || this.cells ? this.break() : this.end(true)
        if (line) this.content.push(schema.text(line, some))
      })
      return
    }
    const words = clean(text.replace(/\u00a0/g, " ").replace(/[\t\n\r\f ]+/g, " "))
    const bare = words.trim()
    const last = this.content.at(-1)
    const begins = !last || last.type === nodes.hard_break || /\s$/.test(last.text)
    if (!begins && bare && (this.space || words.startsWith(" "))) this.content.push(schema.text(" ", last.marks.filter((mark) => mark.isInSet(some))))
    if (bare) this.content.push(schema.text(bare, some))
    this.space = bare ? words.endsWith(" ") : this.space || words !== ""
  }

  marksOf(dom, some) {
    const add = (type, attrs) => (some = type.create(attrs).addToSet(some))
    const weight = property(dom, "font-weight")
    if (weight ? /^(bold|bolder|[6-9]00)/.test(weight) : /^(B|STRONG)$/.test(dom.nodeName)) add(marks.strong)
    else if (weight) some = marks.strong.removeFromSet(some)
    const slant = property(dom, "font-style")
    if (slant ? slant === "italic" : /^(I|EM)$/.test(dom.nodeName)) add(marks.em)
    else if (slant) some = marks.em.removeFromSet(some)
    if (dom.nodeName === "A" && isSafeLink(dom.href)) add(marks.link, { href: dom.href })
    if (dom.nodeName === "MARK" && dom.classList.contains("insight")) add(marks.insight)
    if (dom.nodeName === "MARK" && dom.classList.contains("next-step")) add(marks.next_step)
    return some
  }

  read(dom, some = [], list = null, pre = false) {
    for (const child of dom.childNodes) {
      if (child.nodeType === 3) this.write(child.data, some, pre)
      else if (child.nodeType === 1 && !SKIPPED.has(child.nodeName)) this.element(child, some, list, pre)
    }
  }

  element(dom, some, list, pre) {
    const name = dom.nodeName
    if (property(dom, "display") === "none" || /mso-list:\s*ignore/i.test(styleOf(dom)) || dom.classList.contains("box")) return
    if (dom.classList.contains("Apple-interchange-newline")) return // how Chrome ends what it copies
    if (name === "BR") return this.content.length ? this.break() : this.item || this.cells || this.end(true)
    if (name === "INPUT" && dom.type === "checkbox" && this.item) return void Object.assign(this.attrs, { kind: "task", checked: dom.checked || null })
    if (dom.classList.contains("off-record") && !this.attrs.off_record) return this.offRecord(dom, some, list)
    if (name === "TD" || name === "TH") this.cell(dom, some)
    else if (name === "UL" || name === "OL") this.list(dom, some, list)
    else if (name === "LI") this.listItem(dom, some, list)
    else if (!BLOCKS.has(name)) this.read(dom, this.marksOf(dom, some), list, pre || keepsSpace(dom))
    else {
      this.edge()
      const isHeading = /^H[1-6]$/.test(name) && !this.item && !this.cells
      if (isHeading) this.attrs.kind = name < "H4" ? "heading" : "subheading"
      if (name === "P") this.officeList(dom)
      this.read(dom, isHeading ? some : this.marksOf(dom, some), list, pre || name === "PRE" || keepsSpace(dom))
      if (name === "P" || name === "DIV") this.bulletSign()
      this.edge()
    }
  }

  offRecord(dom, some, list) {
    this.edge()
    this.attrs.off_record = true
    this.read(dom, some, list)
    this.end()
    this.attrs.off_record = null
  }

  list(dom, some, list) {
    const kind = dom.classList.contains("tasks") ? "task" : dom.nodeName === "OL" ? "number" : "bullet"
    const depth = (list ? list.depth + 1 : 0) + (Number(dom.dataset.depth) || 0)
    const around = this.item
    if (around) this.end()
    this.read(dom, some, { kind, depth: Math.min(depth, MAX_DEPTH) })
    this.item = around
    if (around) Object.assign(this.attrs, around) // what follows in it is an item as well
  }

  listItem(dom, some, list = { kind: "bullet", depth: 0 }) {
    if (this.cells) {
      this.edge()
      this.read(dom, this.marksOf(dom, some), list)
      return this.edge()
    }
    this.end()
    const { depth } = list
    const isTask = dom.getAttribute("role") === "checkbox"
    const checked = dom.dataset.checked === "true" || (isTask && dom.getAttribute("aria-checked") === "true") || null
    const count = this.blocks.length
    this.item = { kind: isTask ? "task" : list.kind, depth: depth || null }
    Object.assign(this.attrs, this.item, { checked })
    this.read(dom, this.marksOf(dom, some), list)
    this.end(this.blocks.length === count)
    this.item = null
  }

  /** A word processor's item is a paragraph whose style says so; its sign or number is in a span of its own. */
  officeList(dom) {
    const level = /mso-list:[^;]*level(\d)/i.exec(styleOf(dom))
    if (!level || this.item || this.cells) return
    const sign = [...dom.querySelectorAll("[data-style]")].find((one) => /mso-list:\s*ignore/i.test(styleOf(one)))
    const isNumber = /^[\s\u00a0]*\(?(\d+|[a-z]{1,4})[.)]/i.test(sign?.textContent ?? "")
    Object.assign(this.attrs, { kind: isNumber ? "number" : "bullet", depth: Math.min(level[1] - 1, MAX_DEPTH) || null })
  }

  /** A sign typed before the words makes a list's item too. */
  bulletSign() {
    const [first] = this.content
    if (this.item || this.cells || !first?.isText || !BULLET.test(first.text + (this.content.length > 1 ? " " : ""))) return
    const bare = first.text.replace(/^.[\s\u00a0]*/, "")
    this.attrs.kind ??= "bullet"
    this.content.splice(0, 1, ...(bare ? [schema.text(bare, first.marks)] : []))
  }

  /** Cells stand in one line, a tab apart, as a sheet takes them back. */
  cell(dom, some) {
    if (dom.previousElementSibling) this.content.push(schema.text("\t"))
    this.space = false
    this.cells++
    this.read(dom, this.marksOf(dom, some))
    this.cells--
    this.space = false
  }
}

/** What ProseMirror asks of a parser of the clipboard. */
export const clipboardParser = {
  parseSlice(dom) {
    const reader = new Reader()
    reader.read(dom)
    reader.end()
    return Slice.maxOpen(Fragment.from(reader.blocks))
  },
}

/** Several blocks that begin with an item or a heading begin one: its words do not join the line they come to. */
export function transformPasted(slice) {
  const { content, openEnd } = slice
  const { kind, off_record } = content.firstChild?.attrs ?? {}
  return (content.childCount > 1 && kind) || off_record ? new Slice(content, 0, openEnd) : slice
}

/** Plain text: a block for each line. */
export function clipboardTextParser(text, $context) {
  const some = $context.marks()
  const blocks = clean(text.replace(/\r\n?|\u2029/g, "\n"))
    .split("\n")
    .map((line) => nodes.block.create(null, line.split("\u2028").flatMap((words, at) => [...(at ? [nodes.hard_break.create()] : []), ...(words ? [schema.text(words, some)] : [])])))
  return Slice.maxOpen(Fragment.from(blocks))
}

/** Plain text of what is copied, with the signs of lists: "- ", "1. ", "[x] ". */
export function clipboardTextSerializer({ content, openStart }) {
  const lines = []
  const count = numbers()
  const isWhole = content.childCount > 1 || !openStart // some words of one item are just words
  content.forEach((block) => {
    const words = block.textBetween(0, block.content.size, "", "\n")
    const number = count(block)
    const sign = isWhole ? { bullet: "- ", number: `${number}. `, task: block.attrs.checked ? "[x] " : "[ ] " }[block.attrs.kind] ?? "" : ""
    lines.push("  ".repeat(block.attrs.depth ?? 0) + sign + words)
  })
  return lines.join("\n")
}

/** Return a function that numbers the blocks it is given one after the other: 0 for what has no number. */
export function numbers() {
  let counts = []
  return (block) => {
    if (!isList(block)) {
      counts = []
      return 0
    }
    const depth = block.attrs.depth ?? 0
    counts.length = depth + 1
    counts[depth] = block.attrs.kind === "number" ? (counts[depth] ?? 0) + 1 : 0
    return counts[depth]
  }
}

