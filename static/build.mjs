// Bundles what pages load: each file in js/pages/ and css/pages/, with what it imports. The result is committed, so that
// Node is needed only to change it. The same input gives the same bytes; a test compares them.
//
// Modules that several pages share become chunks; those that are imported on demand stay apart. The room is a folder of its
// own, in which everything that it loads at once is one file. Sheets lose comments and white space, and nothing else.
// Usage: node build.mjs <folder of node_modules> <folder for the result>
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const [packages, out] = process.argv.slice(2)
const { build } = createRequire(resolve(packages, "any.js"))("esbuild")

const ROOM = "js/pages/room.js"
const WITH_ROOM = "js/pages/writing.js" // it is on a page of its own, too
const pages = (folder) => readdirSync(join(here, folder, "pages")).map((name) => `${folder}/pages/${name}`)
const settings = {
  absWorkingDir: here,
  entryNames: "[name]",
  outdir: "built",
  write: false,
  bundle: true,
  legalComments: "none",
  logLevel: "warning",
  minifyWhitespace: true, // names stay, so that a stack in a report can be read
}
const modules = {
  ...settings,
  chunkNames: "[name]-[hash]",
  external: ["/static/*"],
  format: "esm",
  metafile: true,
  minifySyntax: true,
  splitting: true,
  target: "es2023",
}

// A chunk is what the same entries import: here everything that is loaded on demand imports the room, so that there is
// one chunk for all that the room loads at once. It takes the place of room.js, which is nothing but an import of it. The page
// loads it by the address that they import, without a query: by two addresses it would run twice.
const onDemand = new Set([join(here, WITH_ROOM)])
const importRoom = {
  name: "import-room",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind === "dynamic-import") onDemand.add(join(resolveDir, path))
    })
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (onDemand.has(path)) return { contents: `${readFileSync(path)}\nimport ${JSON.stringify(join(here, ROOM))}` }
    })
  },
}

function asOneFile({ metafile, outputFiles }) {
  const [chunk] = Object.entries(metafile.outputs).find(([, { inputs }]) => ROOM in inputs)
  const files = outputFiles.filter(({ path }) => basename(path) !== "room.js")
  return files.map(({ path, text }) => ({
    name: basename(path) === basename(chunk) ? "room.js" : basename(path),
    contents: text.replaceAll(basename(chunk), "room.js"),
  }))
}

const room = await build({ ...modules, entryPoints: [ROOM, WITH_ROOM], plugins: [importRoom] })
const others = await build({
  ...modules,
  entryPoints: [...pages("js").filter((page) => page !== ROOM), "js/turn/beat.js"], // a worker has a file of its own
})
const sheets = await build({ ...settings, entryPoints: pages("css") })

rmSync(out, { recursive: true, force: true })
mkdirSync(join(out, "room"), { recursive: true })
for (const { path, contents } of [...others.outputFiles, ...sheets.outputFiles]) writeFileSync(join(out, basename(path)), contents)
for (const { name, contents } of asOneFile(room)) writeFileSync(join(out, "room", name), contents)
