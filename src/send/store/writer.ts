// The one way into the database: steps of one moment become one write, with what must go to make room for them and
// with the counts that result. A write that fails fails for all who wait for it, and the writer stops until it is told
// that the database was opened anew.

import { SluiceError } from '../../errors.ts'
import { type Database, type Level, rootOf } from './database.ts'
import { makeRoom } from './eviction.ts'
import { Gone } from './gone.ts'
import { GroupCommit } from './group-commit.ts'
import type { Inventory, LaneState } from './inventory.ts'
import type { CountedRecord } from './lane-count.ts'
import { nextOp } from './open-database.ts'
import { countOps, countsAfter, type Dropped, losses, removal, type Step } from './step.ts'
import { isDone, recordsIn, takeBackLost } from './turned-up.ts'

export interface WriterOptions {
  readonly database: Database
  readonly inventory: Inventory
  /** Bound of what is stored, keys and values. */
  readonly maxBytes: number
  readonly onDropped: (dropped: Dropped) => void
  /** These steps were written. */
  readonly onWritten: (steps: readonly Step[]) => void
  /** A group with appended batches up to this sequence number is on disk. */
  readonly onStored: (sequence: number) => void
  /** A write failed; none is tried until `resume`. */
  readonly onBroken: (error: unknown) => void
}

/** About what it takes to find out that the disk is well again. */
const retryAfterSeconds = 5

export class Writer {
  /** The next sequence number. */
  next = 1
  readonly #options: WriterOptions
  readonly #commit: GroupCommit<Step>
  #broken: unknown
  /** What was delivered, to be deleted with the next write. */
  #removals: Step[] = []
  readonly #gone = new Gone()
  // What a write that failed was to add and to evict: it may have been carried out all the same.
  #unsure: { readonly given: readonly Step[]; readonly evicted: readonly Step[] } | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    this.#commit = new GroupCommit({
      write: (steps) => this.#write(steps),
      maxBytes: Math.min(4 << 20, options.maxBytes),
    })
  }

  /** Resolves when the step is written, and synced if it asks for that. Rejects with SluiceError STORE_UNAVAILABLE. */
  add(step: Step, bytes: number): Promise<void> {
    return this.#commit.add(step, bytes)
  }

  /** Deletes records when a write is possible; from now on they are not read any more. */
  remove(step: Step): void {
    const lane = step.lane && this.#options.inventory.find(step.lane)
    for (const { sequence } of step.removed ?? []) this.#gone.add(sequence, lane)
    this.#removals.push(step)
    if (this.#removals.length === 1) void this.flush()
  }

  /** A write failed, and the database was not opened anew yet: it may know more than was counted. */
  get isBroken(): boolean {
    return this.#broken !== undefined
  }

  /** How many of the lane's records that are counted were neither handed out nor are about to be deleted. */
  unseen(lane: LaneState): number {
    let out = 0
    for (const sequence of lane.out?.keys() ?? []) if (sequence <= lane.count.last && !this.#gone.has(sequence)) out++
    return this.left(lane) - out
  }

  /** How many of the lane's records that are counted are not about to be deleted. */
  left(lane: LaneState): number {
    return lane.count.batches - this.#gone.counted(lane)
  }

  isGone(sequence: number): boolean {
    return this.#gone.has(sequence)
  }

  /** Tries to write what is to be deleted; resolves in any case. */
  async flush(): Promise<void> {
    if (this.#broken === undefined) await this.#commit.add({ ops: [], sync: false }, 0).catch(() => undefined)
  }

  /** Resolves when nothing waits to be written. */
  idle(): Promise<void> {
    return this.#commit.idle()
  }

  /**
   * To be called with the database that was opened anew, before anybody reads it. What a failed write deleted all the
   * same is not deleted, and counted, twice; what it added nobody was told of, so that goes.
   */
  async reconcile(level: Level): Promise<void> {
    await takeBackLost(level, this.#options.inventory)
    const removals = [...this.#removals]
    const { given, evicted } = this.#unsure ?? { given: [], evicted: [] }
    const there = await recordsIn(level, [...removals, ...evicted, ...given])
    const done = new Set([...removals, ...evicted].filter((step) => isDone(step, there)))
    this.#removals = this.#removals.filter((step) => !done.has(step))
    this.#forget([...done])
    for (const step of given) {
      if (step.lane !== undefined && step.added !== undefined && there.has(step.added.sequence))
        this.remove(removal(step.lane, [step.added]))
    }
    this.#unsure = undefined
    for (const dropped of losses([...done])) this.#options.onDropped(dropped)
  }

  /** The database was opened anew. */
  resume(): void {
    this.#broken = undefined
  }

  async #write(given: readonly Step[]): Promise<void> {
    const { database, inventory, maxBytes, onDropped, onWritten, onStored, onBroken } = this.#options
    if (this.#broken !== undefined) throw unavailable(this.#broken)
    const removals = this.#removals
    this.#removals = []
    const steps = [...given, ...removals]
    const evicted: Step[] = []
    const outWith: [LaneState, CountedRecord[]][] = []
    try {
      const known = this.next - 1
      await makeRoom(database, inventory, maxBytes, steps, this.#gone, evicted)
      steps.push(...evicted)
      for (const { lane, removed = [] } of evicted) {
        const state = lane && inventory.find(lane)
        if (state !== undefined) outWith.push([state, state.handedOut(removed)])
      }
      const counts = countsAfter(inventory, steps)
      const ops = [...steps.flatMap((step) => step.ops), ...countOps(counts)]
      const isAppended = given.some(({ added }) => added !== undefined)
      if (isAppended) ops.push(nextOp(known + 1))
      if (ops.length === 0) return
      try {
        await database.with((level) => level.batch(ops, { sync: steps.some(({ sync }) => sync) }))
      } catch (error) {
        for (const lane of counts.keys()) inventory.tidy(lane)
        throw error
      }
      for (const { lane, removed = [] } of steps) if (lane !== undefined) inventory.find(lane)?.forget(removed)
      for (const [lane, count] of counts) inventory.set(lane, count)
      for (const { lane, added } of given) if (added !== undefined) inventory.open(lane!).settling++
      this.#forget([...removals, ...evicted])
      if (isAppended) onStored(known)
      onWritten(steps)
    } catch (error) {
      this.#removals = [...removals, ...this.#removals]
      this.#forget(evicted)
      for (const [lane, records] of outWith) lane.restore(records)
      this.#unsure = { given, evicted }
      this.#broken = error
      onBroken(error)
      throw unavailable(error)
    }
    for (const dropped of losses(steps)) onDropped(dropped)
  }

  #forget(steps: readonly Step[]): void {
    for (const { removed = [] } of steps) for (const { sequence } of removed) this.#gone.delete(sequence)
  }
}

/** What an append is told while the disk does not take it. */
export function unavailable(cause: unknown): SluiceError {
  const text = `the store can’t be written: ${rootOf(cause).message}`
  return new SluiceError('STORE_UNAVAILABLE', text, { cause, retryAfter: retryAfterSeconds })
}
