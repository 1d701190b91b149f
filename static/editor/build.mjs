// Builds editor.js and ../vendor/socket.io-4.8.4.min.js, the only bundles of the project, and the
// licences of what is in them. The same input gives the same bytes; a test compares them.
import { build } from "esbuild"
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const out = process.argv[2] ?? here // another folder, for the test

const websocketOnly = {
  name: "websocket-only",
  setup(build) {
    // engine.io-client lists its transports in one module; ours has one.
    build.onLoad({ filter: /engine\.io-client[\\/]build[\\/]esm[\\/]transports[\\/]index\.js$/ }, () => ({
      contents: `import { WS } from "./websocket.js"; export const transports = { websocket: WS }`,
      loader: "js",
    }))
  },
}

const common = {
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
}

const bundles = [
  ["src/editor.js", "editor.js", {}],
  ["src/socket.js", "socket.io-4.8.4.min.js", { plugins: [websocketOnly] }],
]

for (const [entry, name, more] of bundles) {
  const result = await build({ ...common, ...more, entryPoints: [entry] })
  const folder = name === "editor.js" || out !== here ? out : join(here, "..", "vendor")
  writeFileSync(join(folder, name), result.outputFiles[0].contents)
  writeFileSync(join(folder, name.replace(/(\.min)?\.js$/, "-LICENSES.txt")), licences(Object.keys(result.metafile.inputs)))
}

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
