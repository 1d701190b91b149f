// The room.

import "../core/connection.js"
import "../turn/timer.js"
import "../turn/ondemand.js"
import "../notes/notes.js"
import "../writing/autosave.js"
