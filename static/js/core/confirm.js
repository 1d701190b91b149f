// Questions before what cannot simply be pressed again. While one is open a style hides what asks them, so that
// there is one button of that name, also when the part is drawn anew meanwhile.
const ask = document.querySelector("#confirm")
let asked = null

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]")
  if (!button || button === asked) return
  event.preventDefault()
  event.stopPropagation()
  asked = button
  ask.querySelector("#confirm-title").textContent = button.dataset.confirm
  ask.querySelector("#confirm-text").textContent = button.dataset.confirmText ?? ""
  ask.querySelector("#confirm-text").hidden = !button.dataset.confirmText
  ask.querySelector("#confirm-yes").textContent = button.dataset.confirmYes ?? button.textContent.trim()
  ask.returnValue = "no"
  ask.showModal()
}, true)

ask.addEventListener("close", () => {
  const button = asked
  if (!button) return
  if (ask.returnValue === "yes" && button.isConnected) button.click() // let through: it has been asked
  else (button.checkVisibility() ? button : document.querySelector(`[popovertarget="${button.closest("[popover]")?.id}"]`))?.focus()
  asked = null
})
