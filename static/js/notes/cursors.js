// Who is where in the notes: our cursor's place to the others, theirs to us, and the faces of those who write.

import { Y } from "/static/editor/editor.js"
import { meeting, socket } from "../core/connection.js"
import { find, me, on } from "./card.js"
import { group } from "./documents.js"
import { open } from "./editing.js"
import { bytes, stopped } from "./replica.js"

const PLACE_MS = 150
const PLACE_AGAIN_MS = 15_000
const NOWHERE = new Uint8Array()
const COLOURS = ["b", "c", "d", "e"] // of faces; the first has no class

let mine = null
let timer = 0

/** Tell the others where we are: the newest place, a few times a second. */
function tellPlace(place) {
  if (!place && !mine) return
  mine = place
  timer ||= setTimeout(() => {
    timer = 0
    sendPlace()
  }, PLACE_MS)
}

function sendPlace() {
  if (!group.synced || stopped.by || !open) return
  socket.volatile.emit("note:aware", meeting, ...placed(), () => {})
}

/** Our place as it is sent. Who writes in their own notes is nowhere, and not even that there. */
function placed() {
  const encode = (position) => (position ? Y.encodeRelativePosition(position) : NOWHERE)
  const part = open.part === "mine" ? "" : open.part
  return [part, encode(part && mine?.anchor), encode(part && mine?.head)]
}

// An edit takes the place along, which need not be sent any more.
group.alongside = () => {
  if (!mine) return []
  clearTimeout(timer)
  timer = 0
  return placed()
}

setInterval(() => mine && sendPlace(), PLACE_AGAIN_MS)

function hear({ who, user, part, anchor, head }) {
  if (user.id === me) return
  try {
    const decode = (position) => Y.decodeRelativePosition(bytes(position))
    const cursor = anchor.byteLength ? { anchor: decode(anchor), head: decode(head) } : null
    group.places.hear(who, { id: user.id, part, name: user.name, colour: colourOf(user) }, cursor)
  } catch {
    // A place that cannot be read is nowhere.
  }
}

const writing = find("[data-writing]")
const shownFace = (user) => document.querySelector(`#run .face[data-person="${user.id}"]`)

/** The colour of a person's face in the page, as its class; somebody just coming has none yet. */
const colourOf = (user) => COLOURS.find((colour) => shownFace(user)?.classList.contains(colour)) ?? "a"

/** Show the faces of those who have their cursor in the notes. */
function showWriting() {
  const people = new Map([...group.places.states.values()].map(({ user }) => [user.id, user]))
  writing.hidden = !people.size
  writing.replaceChildren(...[...people.values()].map(faceOf))
}

/** Return what a reader takes for letters: an emoji with all that it is composed of is one. */
const lettersOf = (text) => Intl.Segmenter ? [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment) : [...text]

function faceOf(user) {
  const item = document.createElement("li")
  const face = shownFace(user)?.cloneNode(true) ?? document.createElement("span")
  if (!face.textContent) {
    face.className = "face"
    face.textContent = lettersOf(user.name.trim()).slice(0, 2).join("").toUpperCase()
    face.translate = false
  }
  face.setAttribute("aria-hidden", "true")
  face.removeAttribute("data-person")
  const name = document.createElement("span")
  name.className = "vh"
  name.translate = false
  name.textContent = user.name
  item.append(face, name)
  return item
}

socket.on("note:aware", hear)
on("place", hear)
on("cursor", tellPlace)
on("places", (source) => source === group && showWriting())
