// A worker that only ticks once a second: the timers of a hidden page are throttled to a minute, a worker's are not.
setInterval(() => postMessage(0), 1000)
