// What a key stands for, without the page.

/** Key -> the radio button of a view, and where the keyboard goes on in it. */
const VIEWS = {
  a: ["v-agenda", "#agenda"],
  g: ["v-notes", "#writing[data-now] :is(textarea, .scale button), #notes [role=textbox]"],
  r: ["v-reflect", "#reflection :is([data-unfolds], textarea)"],
  u: ["v-people", "#people"],
}

/** Return the key of a press in lower case; null where it is a shortcut of the browser's, held down, or part of a word. */
export function keyOf({ key, ctrlKey, altKey, metaKey, repeat, isComposing }) {
  return ctrlKey || altKey || metaKey || repeat || isComposing ? null : key.toLowerCase()
}

/** Return what a key stands for: the list of keys, a view, or one of the buttons in sight; null for none. */
export function meaningOf(key, buttons) {
  if (key === "?") return { list: true }
  if (Object.hasOwn(VIEWS, key)) return { view: VIEWS[key] }
  const button = buttons.find((one) => one.dataset.key === key)
  return button ? { button } : null
}
