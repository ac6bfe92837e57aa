// How much garbage V8 may let lie, set before anything else is loaded. Left to itself it takes up to 48 MiB for young
// objects and lets old ones come to several times what lives: a push of a thousand tenants makes thousands of objects
// that live for some tens of milliseconds, so that both fill with what is dead. Less than this costs CPU time: young
// objects would be moved to the old ones before they die. Whoever sets the young generation's size (NODE_OPTIONS,
// node's own flags) keeps it.

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Room for young objects, in bytes: half of what V8 takes for them, as it copies what lives from one half to the other. */
const youngBytes = 4 << 20
/** V8 doubles the room each time, from whatever it was: so much is enough, lest the next step take it far beyond. */
const enough = 0.65 * youngBytes
/** Old objects may grow by this much, in per cent of what lived, before the dead among them are looked for. */
const growth = 30
const lookEveryMs = 1000
/** Somebody who takes less CPU time between two looks, in microseconds, is as good as idle. */
const idleMicroseconds = 20_000

function youngRoom(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  return young === undefined ? youngBytes : young.space_used_size + young.space_available_size
}

/** V8 widens the room when much of it lives; its size can't be set once the program runs, only kept from growing. */
function widen(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
  const alive: object[] = []
  // Some pages' headers are missing from the room. A dozen turns do; another V8 may never get there.
  for (let k = 0; k < 40 && youngRoom() < enough; k++) alive.push(Array.from({ length: 8000 }, (_, n) => ({ n })))
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** While nothing happens V8 gives the room back, as it should; what comes then finds too little of it. */
function keepWide(): void {
  let before = process.cpuUsage()
  const look = (): void => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    if (user + system > idleMicroseconds && youngRoom() < enough) widen()
  }
  setInterval(look, lookEveryMs).unref()
}

const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
if (!/semi[-_]space/.test(given)) {
  widen()
  keepWide()
  setFlagsFromString(`--heap-growing-percent=${growth}`)
  // Threads that share so little work cost more than they save: measured, a sixth of the CPU time at a thousand tenants.
  setFlagsFromString('--no-parallel-scavenge')
  // The main thread marks in steps: measured, a seventh of the CPU time with a queue and 50 tenants. With V8 13 (Node 24)
  // young objects were seen to take seven times their room then.
  if (Number.parseInt(process.versions.v8, 10) < 13) setFlagsFromString('--no-concurrent-marking')
}
