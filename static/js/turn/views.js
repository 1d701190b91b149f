// A narrow room shows one view at a time: each is found again where it was left.

const places = new Map()

addEventListener("scroll", () => places.set(document.querySelector("[name=view]:checked")?.id, scrollY), { passive: true })

document.addEventListener("change", ({ target }) => {
  // By a key also where all views are shown, beside each other.
  if (target.name === "view" && target.checkVisibility()) scrollTo({ top: places.get(target.id) ?? 0, behavior: "instant" })
})
