// What the browser stores for the page, if it does: storage may be switched off, or full.

/** Guard a storage by name: it may throw already when it is looked at. */
const guarded = (name) => ({
  /** Return what is stored under ``key``; null when nothing is. */
  read(key) {
    try { return window[name].getItem(key) } catch { return null }
  },

  /** Store ``text``; null removes what was stored. */
  write(key, text) {
    try {
      if (text === null) window[name].removeItem(key)
      else window[name].setItem(key, text)
    } catch { /* the page itself still knows it */ }
  },

  keys() {
    try { return Object.keys(window[name]) } catch { return [] }
  },
})

/** Of this tab, until it is closed. */
export const tabStorage = guarded("sessionStorage")
/** Of this device. */
export const deviceStorage = guarded("localStorage")
