// Small helpers for the page's elements.

export const find = (id) => document.getElementById(id)

/** Write only what is new, so that nothing is laid out or read out again for nothing. */
export function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text
}
