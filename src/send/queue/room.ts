// Memory for parts that wait to go out together, in pages that are used again and again: left to the collector, what
// waited for some milliseconds would make it look through the whole heap dozens of times a second (measured: a third of
// the CPU time). All pages but a batch's first are alike, so that those of any batch fit any other.

/** A batch's first page: most tenants of a large fleet have little in a batch. */
const smallPage = 1 << 10
const page = 16 << 10
/** Bytes of each kind kept for the next batches. */
const mostSmall = 2 << 20
const mostPages = 14 << 20

class Pages {
  readonly size: number
  readonly #most: number
  readonly #free: Uint8Array<ArrayBuffer>[] = []

  constructor(size: number, mostBytes: number) {
    this.size = size
    this.#most = mostBytes / size
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(this.size)
  }

  giveBack(taken: Uint8Array<ArrayBuffer>): void {
    if (this.#free.length < this.#most) this.#free.push(taken)
  }
}

const small = new Pages(smallPage, mostSmall)
const large = new Pages(page, mostPages)

/** Bytes put one behind the other. */
export class Room {
  // Made with the first page in it: arrays that grow make room for many.
  #pages: Uint8Array<ArrayBuffer>[] = none
  /** Bytes that the last page has left. */
  #left = 0

  /** Copies `bytes` behind what is there. */
  append(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      if (this.#left === 0) this.#addPage()
      const last = this.#pages[this.#pages.length - 1]!
      const to = Math.min(bytes.length, from + this.#left)
      last.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), last.length - this.#left)
      this.#left -= to - from
      from = to
    }
  }

  /** What it holds, piece by piece: valid until it is cleared. */
  pieces(): Uint8Array[] {
    const pieces: Uint8Array[] = [...this.#pages]
    const last = pieces.pop()
    if (last !== undefined) pieces.push(last.subarray(0, last.length - this.#left))
    return pieces
  }

  /** Empties it; its memory is somebody else's from now on. */
  clear(): void {
    for (const taken of this.#pages) (taken.length === smallPage ? small : large).giveBack(taken)
    this.#pages = none
    this.#left = 0
  }

  #addPage(): void {
    if (this.#pages.length === 0) this.#pages = [small.take()]
    else this.#pages.push(large.take())
    this.#left = this.#pages.length === 1 ? smallPage : page
  }
}

const none: never[] = []
