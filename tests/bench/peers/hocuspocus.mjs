// Hocuspocus with its database extension on SQLite, as its documentation shows it. It stores a whole
// document two seconds after the last edit (its default), and acknowledges an edit before that.
import { Database } from "@hocuspocus/extension-database"
import { Server } from "@hocuspocus/server"
import { DatabaseSync } from "node:sqlite"

const [port, folder] = process.argv.slice(2)
const db = new DatabaseSync(`${folder}/hocuspocus.db`)
db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
db.exec("CREATE TABLE document (name TEXT PRIMARY KEY, data BLOB NOT NULL)")
const read = db.prepare("SELECT data FROM document WHERE name = ?")
const write = db.prepare("INSERT INTO document VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data")

new Server({
  address: "127.0.0.1",
  port: Number(port),
  quiet: true,
  timeout: 3_600_000, // readers who say nothing stay; with the default they would go after a minute
  extensions: [
    new Database({
      fetch: async ({ documentName }) => read.get(documentName)?.data ?? null,
      store: async ({ documentName, state }) => void write.run(documentName, state),
    }),
  ],
}).listen()
