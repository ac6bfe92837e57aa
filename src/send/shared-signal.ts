// One signal ends hundreds of parts, and many pushes. Node.js 20 takes more than ten listeners for a leak and warns.

import { setMaxListeners } from 'node:events'

/** Lets any number listen. Returns the signal. */
export function sharedSignal(signal: AbortSignal): AbortSignal {
  if (signal instanceof EventTarget) setMaxListeners(Number.POSITIVE_INFINITY, signal)
  return signal
}
