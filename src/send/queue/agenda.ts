// When to look after which queue next: one timer for all of them. A heap whose entries know their place, so that
// moving one leaves nothing behind.

/** Something to be looked after. The field is the agenda's own. */
export interface Entry {
  /** Place in the heap, and the time in ms; undefined while it has none. */
  slot: Slot | undefined
  wake(now: number): void
}

interface Slot {
  at: number
  index: number
  readonly entry: Entry
}

/** The longest that a timer may be set for. */
const longestMs = 60_000

export class Agenda {
  readonly #now: () => number
  readonly #heap: Slot[] = []
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY

  /** `now`: time in ms that never goes back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Sets the time of the entry's next wake, in place of any other; Infinity for none. */
  set(entry: Entry, at: number): void {
    const { slot } = entry
    if (at === Number.POSITIVE_INFINITY) {
      if (slot !== undefined) this.#remove(slot)
      return
    }
    if (slot === undefined) {
      const added: Slot = { at, index: this.#heap.length, entry }
      entry.slot = added
      this.#heap.push(added)
      this.#rise(added)
    } else if (slot.at !== at) {
      const isLater = at > slot.at
      slot.at = at
      if (isLater) this.#sink(slot)
      else this.#rise(slot)
    }
    this.#arm()
  }

  /** Wakes all whose time has come. Called by the timer. */
  tick(): void {
    const now = this.#now()
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.at > now) break
      this.#remove(first)
      first.entry.wake(now)
    }
    this.#arm()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.NEGATIVE_INFINITY
  }

  #arm(): void {
    const at = this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
    if (at >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    const waitMs = Math.min(longestMs, Math.max(1, Math.ceil(at - this.#now())))
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.tick()
    }, waitMs)
    this.#timer.unref()
  }

  #remove(slot: Slot): void {
    slot.entry.slot = undefined
    const last = this.#heap.pop()
    if (last === undefined || last === slot) return
    this.#put(last, slot.index)
    this.#rise(last)
    this.#sink(last)
  }

  #put(slot: Slot, index: number): void {
    slot.index = index
    this.#heap[index] = slot
  }

  #rise(slot: Slot): void {
    while (slot.index > 0) {
      const parent = this.#heap[(slot.index - 1) >> 1]!
      if (parent.at <= slot.at) return
      const { index } = slot
      this.#put(slot, parent.index)
      this.#put(parent, index)
    }
  }

  #sink(slot: Slot): void {
    for (;;) {
      const left = this.#heap[2 * slot.index + 1]
      const right = this.#heap[2 * slot.index + 2]
      const child = right !== undefined && right.at < left!.at ? right : left
      if (child === undefined || child.at >= slot.at) return
      const { index } = slot
      this.#put(slot, child.index)
      this.#put(child, index)
    }
  }
}
