// A process that appends to a store, to be killed: prints a line for each batch that was acknowledged or is to go.
// Arguments: the directory, and the number of the first batch.

import { writeSync } from 'node:fs'
import { ClassicLevel } from 'classic-level'
import type { Level } from '../../src/send/store/database.ts'
import { openStore } from '../../src/send/store/open-store.ts'
import { batchOf, laneOf } from './store-batches.ts'

const [path = '', first = '0'] = process.argv.slice(2)
const say = (line: string) => void writeSync(1, `${line}\n`)
const quiet = {
  info: () => undefined,
  warn: (text: string) => say(`log ${text}`),
  error: (text: string) => say(`log ${text}`),
}
const store = await openStore({
  path,
  maxBytes: 1 << 30,
  reserveBytes: 4096,
  wallClock: Date.now,
  log: quiet,
  // Little in memory, so that tables are written and merged all the time.
  connect: (directory): Level =>
    new ClassicLevel(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
      createIfMissing: false,
      writeBufferSize: 128 << 10,
    }),
}).catch((error: unknown) => {
  say(`refused ${String(error)}`)
  process.exit(1)
})
say('open')

async function append(tenant: string): Promise<void> {
  for (let k = Number(first); ; k++) {
    await store.append(laneOf(tenant), batchOf(`${k} ${'x'.repeat(2000)}`))
    say(`stored ${tenant} ${k}`)
  }
}

/** Removes the oldest once there are many, as delivery would. */
async function deliver(tenant: string): Promise<void> {
  for (;;) {
    const batches = store.stats(laneOf(tenant)).batches > 50 ? await store.read(laneOf(tenant), { maxBatches: 10 }) : []
    for (const { body } of batches) say(`removed ${tenant} ${Buffer.from(body).toString().split(' ')[0]}`)
    store.remove(batches)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

await Promise.all(['a', 'b', 'c', 'd'].flatMap((tenant) => [append(tenant), deliver(tenant)]))
