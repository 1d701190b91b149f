// Socket.IO's client with WebSocket as its only transport.
export { io } from "socket.io-client"
