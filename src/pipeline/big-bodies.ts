// Big bodies take the thread for a long time each: one at a time, and others get their turn in between.

import type { Push } from '../receive/push.ts'
import { unpackedSize } from './read-batch.ts'

/** Bodies that unpack to more than this take the thread for a while. */
const bigBody = 16 << 20

export class BigBodies {
  #last: Promise<void> = Promise.resolve()

  /** Settles when this push may be read; undefined: now. */
  turn(push: Push): Promise<void> | undefined {
    if (unpackedSize(push) <= bigBody) return undefined
    const turn = this.#last
    this.#last = turn.then(() => new Promise((resolve) => setImmediate(resolve)))
    return turn
  }
}
