// LevelDB keeps deleted records on the disk until it comes by. Once they are as much as is stored, or an eighth of the
// bound, it is made to come by: a second outage finds the space of the first, at a cost in proportion to what is freed.

import type { Database } from './database.ts'
import { bytesIn } from './disk-use.ts'
import { keyKind, lanePrefix, queueName, withSequence } from './key.ts'
import type { Step } from './step.ts'

/** Less than this is not worth it: LevelDB's own logs and lists take as much. */
const leastBytes = 24 << 20
const leastUrgent = 8 << 20
/** A lane of which so much was deleted has files that hold nothing else. */
const leastOfLane = 8 << 20

interface Emptied {
  readonly from: Buffer
  to: Buffer
  bytes: number
}

export class Reclaimer {
  readonly #directory: string
  readonly #database: Database
  readonly #maxBytes: number
  // What was deleted since the last time, by lane.
  #emptied = new Map<string, Emptied>()

  constructor(directory: string, database: Database, maxBytes: number) {
    this.#directory = directory
    this.#database = database
    this.#maxBytes = maxBytes
  }

  /** Steps that remove records were written. */
  note(steps: readonly Step[]): void {
    for (const { lane, removed = [] } of steps) {
      const last = removed.at(-1)
      if (lane === undefined || last === undefined) continue
      const name = queueName(lane)
      const prefix = lanePrefix(keyKind.record, name, lane.lane)
      const to = withSequence(prefix, last.sequence + 1)
      const bytes = removed.reduce((sum, record) => sum + record.bytes, 0)
      const known = this.#emptied.get(name + lane.lane)
      if (known === undefined) this.#emptied.set(name + lane.lane, { from: prefix, to, bytes })
      else {
        known.to = to
        known.bytes += bytes
      }
    }
  }

  /**
   * Gives back what is worth it; `urgent`: the disk is full, and little is worth it. `stored`: bytes that are not
   * deleted. Resolves to what the database takes then.
   */
  async run(stored: number, urgent: boolean): Promise<number> {
    const before = await bytesIn(this.#directory)
    const dead = before - stored
    if (dead <= Math.max(urgent ? leastUrgent : leastBytes, Math.min(stored, this.#maxBytes / 8))) return before
    const emptied = [...this.#emptied.values()]
    this.#emptied = new Map()
    const large = emptied.filter(({ bytes }) => bytes >= leastOfLane)
    const isEnough = large.reduce((sum, { bytes }) => sum + bytes, 0) >= dead / 2
    const ranges = isEnough ? large : [{ from: Buffer.of(0), to: Buffer.of(0xff) }]
    for (const { from, to } of ranges) await this.#database.with((level) => level.compactRange(from, to))
    return bytesIn(this.#directory)
  }
}
