// A worker that only says that a second has passed: the timers of a hidden page come up to a minute late, its do not.
setInterval(() => postMessage(0), 1000)
