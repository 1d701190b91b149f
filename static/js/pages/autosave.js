// A page whose forms save themselves, and nothing else.

import "../writing/autosave.js"
