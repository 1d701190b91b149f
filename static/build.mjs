// Bundles what pages load: each file in js/pages/ and css/pages/, with what it imports. The result is committed, so that
// Node is needed only to change it. The same input gives the same bytes; a test compares them.
//
// Modules that several pages share become chunks; those that are imported on demand stay apart. Sheets lose comments and
// white space, and nothing else.
// Usage: node build.mjs <folder of node_modules> <folder for the result>
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const [packages, out] = process.argv.slice(2)
const { build } = createRequire(resolve(packages, "any.js"))("esbuild")

const pages = (folder) => readdirSync(join(here, folder, "pages")).map((name) => `${folder}/pages/${name}`)
const settings = {
  absWorkingDir: here,
  entryNames: "[name]",
  outdir: "built",
  write: false,
  bundle: true,
  legalComments: "none",
  logLevel: "warning",
}
const scripts = await build({
  ...settings,
  entryPoints: [...pages("js"), "js/turn/beat.js"], // a worker has a file of its own
  chunkNames: "[name]-[hash]",
  external: ["/static/*"],
  format: "esm",
  minifyWhitespace: true, // names stay, so that a stack in a report can be read
  minifySyntax: true,
  splitting: true,
  target: "es2023",
})
const sheets = await build({ ...settings, entryPoints: pages("css"), minifyWhitespace: true })

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
for (const { path, contents } of [...scripts.outputFiles, ...sheets.outputFiles]) {
  writeFileSync(join(out, basename(path)), contents)
}
