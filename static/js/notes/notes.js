// The card of the notes: the part that is shown, an editor in it, and the documents behind them.

import { room } from "../core/clock.js"
import "./cursors.js"
import { find, say } from "./card.js"
import { openDocuments } from "./documents.js"
import { showParts } from "./parts.js"
import { showEarlier } from "./status.js"
import "./toolbar.js"

room.addEventListener("room:shown", () => {
  const told = document.querySelector("#clock-data").dataset.readers // the group may change who reads while it is written
  if (told && find(".readers").textContent !== told) find(".readers").textContent = told
})

showEarlier()
showParts()
say("state")
openDocuments()
