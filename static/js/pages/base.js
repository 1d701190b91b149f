// Every page.

import "../core/page.js"
