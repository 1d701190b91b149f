// The turn alone, in a small window: it has a connection of its own.

import "../core/connection.js"
import "../turn/timer.js"
import "../turn/press.js"
import "../turn/ondemand.js"
