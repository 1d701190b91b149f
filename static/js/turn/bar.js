// The quiet bar: where the turn's card has a place beside the other parts, it is shown while the card is out of sight.

import { room } from "../core/clock.js"
import { find } from "../core/dom.js"

const sight = new IntersectionObserver((seen) => room.toggleAttribute("data-turn-away", !seen.at(-1).isIntersecting))

// The card's headline may be another element after a swap.
function watch() {
  const headline = find("turn").querySelector(".who")
  if (headline === watched) return
  sight.disconnect()
  sight.observe(watched = headline)
}

let watched = null

room.addEventListener("room:shown", watch)
watch()

// A link into a view goes there, and is no page of the browser's own to go back through.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-view]")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  location.replace(link.hash)
})
