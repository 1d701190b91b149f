// Builds editor.js, the only bundle of the project, and the licences of what is in it. The same input
// gives the same bytes; a test compares them.
import { build } from "esbuild"
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { minify } from "terser"

const here = dirname(fileURLToPath(import.meta.url))
const out = process.argv[2] ?? here // another folder, for the test

// Modules of lib0 of which only this much is used; whole they bring 10 KB along.
const LESS = {
  // Yjs warns on the console: here without colours.
  "logging.js": `
    export const BOLD = "", UNBOLD = "", ORANGE = "", RED = ""
    export const print = (...said) => console.log(...said.filter(Boolean))
    export const warn = (...said) => console.warn(...said)`,
  "dom.js": "export const doc = document",
}

const lessOfLib0 = {
  name: "less-of-lib0",
  setup(build) {
    build.onLoad({ filter: /[\\/]lib0[\\/](logging|dom)\.js$/ }, ({ path }) => ({
      contents: LESS[path.replaceAll("\\", "/").split("/lib0/").pop()],
      loader: "js",
    }))
  },
}

const result = await build({
  entryPoints: ["src/editor.js"],
  plugins: [lessOfLib0],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  absWorkingDir: here,
  define: { "process.env.NODE_ENV": '"production"' },
})
// ProseMirror says in a RangeError which rule of its own was broken: one KB that nobody reads in a browser.
// Other errors keep their words, as some of them are read by code.
const quiet = result.outputFiles[0].text.replace(/new RangeError\((?:[^()]|\([^()]*\))*\)/g, "new RangeError")
// Three KB less, compressed, than esbuild leaves.
const { code } = await minify(quiet, { module: true, ecma: 2020, compress: { passes: 2 } })
writeFileSync(join(out, "editor.js"), code)
writeFileSync(join(out, "editor-LICENSES.txt"), licences(Object.keys(result.metafile.inputs)))

/** Return the licence texts of the packages whose files went into a bundle. */
function licences(inputs) {
  const names = inputs.map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean)
  return [...new Set(names)].sort().map(licence).join("\n")
}

function licence(name) {
  const folder = join(here, "node_modules", name)
  const { version, license, author } = JSON.parse(readFileSync(join(folder, "package.json")))
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `${license}, ${author?.name ?? author ?? name}`
  return `${"=".repeat(72)}\n${name} ${version} (${license})\n\n${text}\n`
}
