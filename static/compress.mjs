// Writes a compressed copy beside each file that pages load and that is smaller so: name.br, which assets.py sends to whoever
// takes it. At its strongest setting brotli needs seconds, so that is done here, and the copies are committed.
// Usage: node compress.mjs [--check]; that says which copies are not what their file says, and writes nothing.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib"

const LOADED = /^(built|editor|img|vendor)\/(?!src\/|test\/|node_modules\/|build\.mjs)[^?]*\.(js|css|svg)$/
const LEAST = 64 // bytes that a copy has to spare
const here = dirname(fileURLToPath(import.meta.url))
const files = readdirSync(here, { recursive: true }).map(String)
const check = process.argv.includes("--check")

function compressed(path) {
  const content = readFileSync(path)
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: 22,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  }
  const copy = brotliCompressSync(content, { params })
  return content.length - copy.length >= LEAST ? copy : null
}

function isRight(path) {
  const copy = `${path}.br`
  if (!existsSync(copy)) return compressed(path) === null
  return brotliDecompressSync(readFileSync(copy)).equals(readFileSync(path))
}

for (const name of files) {
  const path = join(here, name)
  if (name.endsWith(".br") && !existsSync(path.slice(0, -3))) {
    if (check) console.log(name)
    else rmSync(path)
  }
  if (!LOADED.test(relative(here, path))) continue
  if (check) {
    if (!isRight(path)) console.log(name)
    continue
  }
  const copy = compressed(path)
  if (copy) writeFileSync(`${path}.br`, copy)
}
