// Requests that may meet a dead connection. A browser keeps up to six open to a server and sends what is new over one of
// them; where they fell silent (another network, a sleep, a router that forgot them) each would hold a request until it
// is given up. So an attempt is short, and giving it up closes its connection; then the next one is made.

const LIMITS_MS = [2500, 4000, 8000] // the later ones are for a slow network, where a new connection alone takes seconds
const ONCE_MS = 8000 // for what may not be sent twice
const RENEW_MS = 2000
const KEPT = 6

/** Fetch. What changes nothing, or is known when it comes again, is sent again where no answer comes. */
export async function send(url, request) {
  const repeats = (request.method ?? "GET") === "GET" || request.body?.has("seen")
  const limits = repeats ? LIMITS_MS : [ONCE_MS]
  for (const [tries, ms] of limits.entries()) {
    try {
      return await attempt(url, request, ms)
    } catch (error) {
      if (error.name !== "TimeoutError" || tries === limits.length - 1) throw error
    }
    await unanswered()
  }
}

/** A request had no answer: the room looks whether its socket lives, and the next request has a connection that does. */
export async function unanswered() {
  document.dispatchEvent(new Event("request:unanswered"))
  await renew()
}

async function attempt(url, request, ms) {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new DOMException("no answer", "TimeoutError")), ms)
  try {
    return await fetch(url, { ...request, signal: AbortSignal.any([limit.signal, ...(request.signal ? [request.signal] : [])]) })
  } finally {
    clearTimeout(timer)
  }
}

/** Use all kept connections at once: the dead ones are closed. Done with the first answer, whose connection is next. */
export async function renew() {
  const tries = Array.from({ length: KEPT }, () => fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(RENEW_MS) }))
  await Promise.any(tries).catch(() => {})
}
