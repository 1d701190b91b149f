// The room: all that it loads at once is one file, so it brings what base.js brings to other pages, too.

import "../core/page.js"
import "../core/connection.js"
import "../turn/timer.js"
import "../turn/press.js"
import "../turn/bar.js"
import "../turn/views.js"
import "../turn/ondemand.js"
import "../core/between.js"
import "../notes/notes.js"
import "../writing/autosave.js"
