// What becomes of the store when a write failed. Reading goes on with the open database; then room is made by giving
// up the reserve, the database is opened anew, and deleting goes on; once the reserve can be made again, so do appends.

import type { SluiceError } from '../../errors.ts'
import { isDamage, rootOf } from './database.ts'
import { bytesToOpen } from './disk-use.ts'
import type { Layout } from './layout.ts'
import { giveUpReserve, makeReserve } from './reserve.ts'
import type { StoreLog } from './store-log.ts'
import { unavailable } from './writer.ts'

export interface RecoveryOptions {
  readonly layout: Layout
  readonly reserveBytes: number
  /** Time between two attempts, in ms. */
  readonly retryMs: number
  readonly log: StoreLog
  /** Opens the database anew; `suspicion`: why it must be repaired first. */
  readonly reopen: (suspicion: string | undefined) => Promise<void>
  /** Writes can be tried again: deletes first. */
  readonly resumed: () => Promise<void>
  readonly onWritable: (isWritable: boolean) => void
}

export class Recovery {
  isWritable = true
  readonly #options: RecoveryOptions
  #failure: unknown
  #mustReopen = false
  #suspicion: string | undefined
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** Why appends are refused. */
  refusal(): SluiceError {
    return unavailable(this.#failure)
  }

  /** Makes the reserve at the start; without room for it the store begins as one that can't be written. */
  async begin(): Promise<void> {
    const { layout, reserveBytes } = this.#options
    await makeReserve(layout.reserve, reserveBytes).catch((error: unknown) => this.#stop(error))
  }

  /** A write failed: nothing is written to this database any more. */
  broken(error: unknown): void {
    this.#mustReopen = true
    if (isDamage(error)) this.#suspicion ??= rootOf(error).message
    this.#stop(error)
  }

  /** Part of the database can't be read: it is repaired and opened anew. */
  repair(why: string): void {
    this.#suspicion ??= why
    this.broken(new Error(why))
  }

  /** Ends all attempts; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #stop(error: unknown): void {
    const { log, onWritable } = this.#options
    this.#failure = error
    if (this.isWritable) {
      this.isWritable = false
      log.error('the store can’t be written; what is stored stays, nothing is added', { err: error })
      onWritable(false)
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isStopped || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#running = this.#attempt().finally(() => {
        this.#timer = undefined
        this.#running = undefined
        if (!this.isWritable) this.#schedule()
      })
    }, this.#options.retryMs)
    this.#timer.unref()
  }

  async #attempt(): Promise<void> {
    const { layout, reserveBytes, reopen, resumed, log, onWritable } = this.#options
    try {
      if (this.#mustReopen) {
        // An open database can be read whatever the disk does. It is closed only if there is room to open it again.
        await giveUpReserve(layout.reserve)
        await makeReserve(layout.reserve, await bytesToOpen(layout.database))
        await giveUpReserve(layout.reserve)
        await reopen(this.#suspicion)
        this.#mustReopen = false
        this.#suspicion = undefined
      }
      await resumed()
      if (this.#mustReopen) return
      await makeReserve(layout.reserve, reserveBytes)
    } catch (error) {
      this.#failure = error
      if (isDamage(error)) this.#suspicion ??= rootOf(error).message
      return
    }
    this.isWritable = true
    log.warn('the store can be written again')
    onWritable(true)
  }
}
