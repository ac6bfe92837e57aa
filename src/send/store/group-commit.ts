// Many writes of one moment become one synced write: a disk syncs some hundred times a second, senders come faster.
// Only one write is out at a time, in the order of the calls; none is settled before the write it went with has returned.

export interface GroupCommitOptions<T> {
  /** Writes a group, all or nothing. Resolved: the group is on disk, as far as its items asked for that. */
  readonly write: (items: readonly T[]) => Promise<void>
  /** A group takes no further item once it has this many bytes; default 4 MiB. */
  readonly maxBytes?: number
  /** Most items of a group; default 1024. */
  readonly maxItems?: number
}

interface Waiting<T> {
  readonly item: T
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class GroupCommit<T> {
  readonly #write: (items: readonly T[]) => Promise<void>
  readonly #maxBytes: number
  readonly #maxItems: number
  #waiting: Waiting<T>[] = []
  #running: Promise<void> | undefined
  /** Bytes that wait or are being written. */
  bytes = 0

  constructor(options: GroupCommitOptions<T>) {
    this.#write = options.write
    this.#maxBytes = options.maxBytes ?? 4 << 20
    this.#maxItems = options.maxItems ?? 1024
  }

  /** Resolves once the group that the item went with is written; rejects with what that write rejected with. */
  add(item: T, bytes: number): Promise<void> {
    this.bytes += bytes
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  get isIdle(): boolean {
    return this.#running === undefined
  }

  /** Resolves when nothing waits and nothing is out. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    // What other sockets bring in the same turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#take()
      let failure: { readonly error: unknown } | undefined
      try {
        await this.#write(group.map(({ item }) => item))
      } catch (error) {
        failure = { error }
      }
      for (const { bytes, resolve, reject } of group) {
        this.bytes -= bytes
        if (failure === undefined) resolve()
        else reject(failure.error)
      }
    }
    this.#running = undefined
  }

  #take(): Waiting<T>[] {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && count < this.#maxItems && bytes < this.#maxBytes) {
      bytes += this.#waiting[count++]!.bytes
    }
    return this.#waiting.splice(0, count)
  }
}
