// Another device: its code may come in the address, after #, which no server and no log ever sees.

const field = document.querySelector("#code")

function fill() {
  if (!field || location.hash.length < 2) return
  field.value = decodeURIComponent(location.hash.slice(1)).slice(0, 40)
  history.replaceState(null, "", location.pathname)
}

fill()
addEventListener("hashchange", fill)

// Confirmed on the first device: go on as pressing the button would.
document.querySelector("#go-on")?.requestSubmit()
