// Versions of a text and the server's answer to one, without the page.

/** Return the text's bytes and their CRC-32, as ementor/texts.py computes them. */
export function versionOf(text) {
  const bytes = new TextEncoder().encode(text)
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 && 0xedb88320)
  }
  return `${bytes.length}-${(~crc >>> 0).toString(16).padStart(8, "0")}`
}

/** Return the versions of a text as the server may have trimmed it. */
export const versionsOf = (text) => [text.trimEnd(), text.trim()].map(versionOf)

/**
 * Return the server's answer ``kept`` to the text ``sent`` as it is with ``text``, what has become of that meanwhile;
 * and how far the text has moved in it. Null when the server keeps what was sent, and nothing of anybody else's.
 */
export function mergeAnswer(kept, sent, text) {
  const own = sent.trim()
  if (kept === own || kept === sent.trimEnd()) return null
  const at = kept.lastIndexOf(own)
  if (at >= 0) return { merged: kept.slice(0, at) + text + kept.slice(at + own.length), moved: at }
  return { merged: text === sent ? kept : `${kept}\n\n${text}`, moved: 0 }
}
