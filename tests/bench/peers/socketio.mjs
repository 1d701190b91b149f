// A relay: what somebody writes goes to the others in the room, then it is acknowledged. Nothing is
// kept, checked or asked. Its events are those of our server, so that one load generator serves both.
import { createServer } from "node:http"
import { Server } from "socket.io"

const NO_CHANGE = Buffer.from([0, 0])
const [port] = process.argv.slice(2)
const http = createServer((_, response) => response.end("ok"))
const io = new Server(http, { transports: ["websocket"], serveClient: false })

io.on("connection", (socket) => {
  socket.on("room:join", (room, answer) => {
    socket.join(`room ${room}`)
    answer({ ok: true, number: 0 })
  })
  socket.on("note:sync", (room, state, schema, answer) => answer({ ok: true, update: NO_CHANGE }))
  socket.on("note:update", (room, update, answer) => {
    socket.to(`room ${room}`).emit("note:update", { update })
    answer({ ok: true })
  })
})
http.listen(Number(port), "127.0.0.1")
