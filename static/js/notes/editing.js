// The editor of the part that is shown.

import { labels, openEditor } from "/static/editor/editor.js"
import { find, isClosed, on, say, words } from "./card.js"
import { documentOf, documents } from "./documents.js"
import { stopped } from "./replica.js"

const MAX_ADDED_BYTES = 60 * 1024

export const page = find(".note-page")
Object.assign(labels, { off_record: words.offRecord, insight: words.insight, next_step: words.nextStep })

export let open = null // the part shown, as listParts() describes it
export let view = null // its editor

const label = () => (open.part === "mine" ? open.title : words.label.replace("{part}", open.title))

export const isEditable = () => !stopped.by && !isClosed() && Boolean(open) && documentOf(open.part).seeded.has(open.part)

export function show(part) {
  const source = documentOf(part.part)
  const shown = source.part(part.part)
  open = part
  if (view?.part === shown) return view.dom.setAttribute("aria-label", label())
  close()
  const place = document.createElement("div")
  place.className = "doc"
  place.id = "doc"
  page.replaceChildren(place)
  view = openEditor({
    place,
    part: shown,
    places: source.places,
    label,
    hint: part.part === "mine" ? words.hintMine : words.hint,
    editable: isEditable,
    maxBytes: MAX_ADDED_BYTES,
    onTooLong: () => say("news", words.tooLong),
    onChange(_, isOwn) {
      if (isOwn) say("written")
      say("tools")
    },
    onPlace: (place) => say("cursor", place),
    askForLink() {
      say("link")
      return true
    },
  })
  view.part = shown
  source.view = view
  showEditable()
  say("state")
}

function close() {
  for (const one of documents) {
    one.release()
    one.view = null
  }
  view?.part.attach(null)
  view?.destroy()
  view = null
  say("closed")
}

export function showEditable() {
  view?.setProps({ editable: isEditable })
  say("tools")
}

on("discarded", close)
on("stopped", showEditable)
