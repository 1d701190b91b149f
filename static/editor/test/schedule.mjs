// Clients with the editor's own binding, and a server that keeps what it is sent, over lines that die.
//
// They type letters that are all different, change what blocks are, split, join and move them. When all lines are
// up again every letter is there once, in order within each word, and every document shows its text.
// Arguments: how many schedules, and the first one's number. Prints the number of what went wrong.
import { EditorState, Selection, TextSelection } from "prosemirror-state"
import * as Y from "yjs"
import { Part, docFrom, isRemote } from "../src/binding.js"
import { ACTIONS } from "../src/commands.js"
import { schema } from "../src/schema.js"

const [many = 50, first = 1] = process.argv.slice(2).map(Number)
const PEOPLE = 4
const STEPS = 150

/** Pseudo-random numbers below n, the same for the same seed (mulberry32). */
function dice(seed) {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n)
  }
}

class Client {
  constructor(server, number) {
    Object.assign(this, { server, number, online: true, unsent: [], view: null })
    this.doc = new Y.Doc()
    this.doc.clientID = 2 ** 21 + number
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(server.doc), "remote")
    this.part = new Part(this.doc, "general")
    this.view = {
      state: EditorState.create({ schema, doc: this.part.start() }),
      dispatch: (tr) => {
        const before = this.view.state
        const { state, transactions } = before.applyTransaction(tr)
        this.view.state = state
        if (tr.docChanged && !isRemote(tr)) this.part.push(transactions, before, state.doc)
      },
    }
    this.part.attach(this.view)
    this.doc.on("update", (update, origin) => origin !== "remote" && this.unsent.push(update))
  }

  /** Send what is unsent: all of it, or all but the last whose answers are lost and which come twice. */
  send(lost = 0) {
    if (!this.online) return
    for (const update of this.unsent) this.server.take(update, this)
    this.unsent.splice(0, this.unsent.length - lost)
  }

  hear(update) {
    if (this.online) Y.applyUpdate(this.doc, update, "remote")
  }

  up() {
    this.online = true
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(this.server.doc, Y.encodeStateVector(this.doc)), "remote")
    this.send()
  }

  run(command) {
    command(this.view.state, this.view.dispatch)
  }

  to(pos) {
    const { tr, doc } = this.view.state
    this.view.dispatch(tr.setSelection(TextSelection.near(doc.resolve(Math.min(pos, doc.content.size)))))
  }
}

class Server {
  doc = new Y.Doc()
  clients = []

  constructor() {
    this.doc.clientID = 1
    this.doc.getText("general").insert(0, "\n")
  }

  take(update, sender) {
    Y.applyUpdate(this.doc, update)
    for (const client of this.clients) if (client !== sender) client.hear(update)
  }
}

function enter(client) {
  const { state } = client.view
  const { $from } = state.selection
  client.view.dispatch(state.tr.split($from.pos, 1, [{ type: schema.nodes.block, attrs: $from.parent.attrs }]))
}

function join(client, at) {
  const { state } = client.view
  if (state.doc.childCount < 2) return
  let pos = 0
  for (let block = 0; block <= at % (state.doc.childCount - 1); block++) pos += state.doc.child(block).nodeSize
  client.view.dispatch(state.tr.join(pos))
}

/** Cut a block and put it elsewhere: only one person does, as two who move the same words have them twice. */
function move(client, from, to) {
  const { state } = client.view
  if (state.doc.childCount < 2) return
  const at = from % state.doc.childCount
  const block = state.doc.child(at)
  let pos = 0
  for (let before = 0; before < at; before++) pos += state.doc.child(before).nodeSize
  const tr = state.tr.delete(pos, pos + block.nodeSize)
  let place = 0
  for (let before = 0; before < to % (tr.doc.childCount + 1); before++) place += tr.doc.child(before).nodeSize
  client.view.dispatch(tr.insert(place, block))
}

function play(seed) {
  const roll = dice(seed)
  const server = new Server()
  const clients = (server.clients = Array.from({ length: PEOPLE }, (_, number) => new Client(server, number)))
  const written = []
  const actions = Object.values(ACTIONS).filter(({ run }) => run)
  for (let step = 0; step < STEPS; step++) {
    const client = clients[roll(PEOPLE)]
    const { doc } = client.view.state
    switch (roll(10)) {
      case 0: case 1: case 2: {
        const word = String.fromCodePoint(0x4e00 + written.length * 3, 0x4e01 + written.length * 3, 0x4e02 + written.length * 3)
        written.push(word)
        for (const letter of word) {
          client.view.dispatch(client.view.state.tr.insertText(letter))
          if (!roll(3)) clients[roll(PEOPLE)].send()
        }
        break
      }
      case 3: client.to(roll(doc.content.size + 1)); break
      case 4: {
        const [from, to] = [roll(doc.content.size + 1), roll(doc.content.size + 1)]
        client.view.dispatch(client.view.state.tr.setSelection(TextSelection.between(doc.resolve(from), doc.resolve(to))))
        client.run(actions[roll(actions.length)].run)
        client.view.dispatch(client.view.state.tr.setSelection(Selection.near(client.view.state.selection.$head)))
        break
      }
      case 5: enter(client); break
      case 6: join(client, roll(50)); break
      case 7: if (client.number === 0) move(client, roll(50), roll(50)); break
      case 8: client.online = false; break
      default: client.online ? client.send(roll(3)) : client.up()
    }
  }
  clients.forEach((client) => client.up())
  clients.forEach((client) => client.up())
  const text = server.doc.getText("general").toString()
  for (const client of clients) {
    const own = client.part.text.toString()
    if (own !== text) return `client ${client.number} has another text`
    if (!client.view.state.doc.eq(docFrom(client.part.text.toDelta()))) return `client ${client.number} shows something else than its text`
  }
  for (const word of written) {
    const at = [...word].map((letter) => text.split(letter).length - 1)
    if (at.some((count) => count !== 1)) return `${word} is there ${at} times`
  }
  return ""
}

let wrong = 0
for (let seed = first; seed < first + many; seed++) {
  const said = play(seed)
  if (said) {
    wrong++
    console.log(`schedule ${seed}: ${said}`)
  }
}
console.log(`${many} schedules, ${wrong} went wrong`)
process.exitCode = wrong ? 1 : 0
