// How much garbage V8 may let lie, set before anything else is loaded. Left to itself it takes up to 48 MiB for young
// objects and lets old ones come to several times what lives: a push of a thousand tenants makes thousands of objects
// that live for some tens of milliseconds, so that both fill with what is dead. Whoever sets the young generation's
// size (NODE_OPTIONS, node's own flags) keeps it.

import { setFlagsFromString } from 'node:v8'

/** Old objects may grow by this much, in per cent of what lived, before the dead among them are looked for. */
const growth = 25

const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
if (!/semi[-_]space/.test(given)) {
  // 1 MiB, as it is at the start.
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString(`--heap-growing-percent=${growth}`)
}
