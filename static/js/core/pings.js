// The offset of the server's clock to this page's, from pings over the room's connection.

const PINGS = 8
const PING_GAP_MS = 80

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Return the offset of the server's clock to performance.now(), by asking ``read`` for its time; null without an answer. */
export async function measureOffset(read) {
  const pings = []
  for (let n = 0; n < PINGS; n++) {
    const sent = performance.now()
    const answer = await read()
    const back = performance.now()
    if (answer.ok) pings.push({ took: back - sent, offset: answer.now_ms - (sent + back) / 2 })
    await sleep(PING_GAP_MS)
  }
  return offsetOf(pings)
}

/** Return the median offset of the quickest quarter of pings, which met the fewest queues; null when there are none. */
export function offsetOf(pings) {
  const byTime = pings.toSorted((a, b) => a.took - b.took)
  const best = byTime.slice(0, Math.max(1, PINGS / 4)).map(({ offset }) => offset).sort((a, b) => a - b)
  if (!best.length) return null
  return (best[Math.floor((best.length - 1) / 2)] + best[Math.ceil((best.length - 1) / 2)]) / 2
}
