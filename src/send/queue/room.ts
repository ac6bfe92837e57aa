// Memory for parts that wait to go out together, in pages that are used again and again: left to the collector, what
// waited for some milliseconds would make it look through the whole heap dozens of times a second (measured: a third of
// the CPU time). They are of few sizes, so that those of one batch fit another, and hardly longer than what is in them,
// since a large fleet has little of each tenant.

/** Pages are so many of these. */
const unit = 512
const mostUnits = 32
/** Bytes kept for the next batches. */
const mostKept = 12 << 20

type Page = Uint8Array<ArrayBuffer>

/** By their units. */
const free: Page[][] = Array.from({ length: mostUnits + 1 }, () => [])
let kept = 0

/** With room for `bytes`, or the longest there is. */
function takePage(bytes: number): Page {
  const units = Math.min(mostUnits, Math.ceil(bytes / unit))
  const page = free[units]!.pop()
  if (page === undefined) return new Uint8Array(units * unit)
  kept -= page.length
  return page
}

function giveBack(page: Page): void {
  free[page.length / unit]!.push(page)
  kept += page.length
  // Those of a size that was wanted once make way for what is wanted now.
  while (kept > mostKept) {
    const most = free.reduce((a, b) => (b.length * (b[0]?.length ?? 0) > a.length * (a[0]?.length ?? 0) ? b : a))
    kept -= most.pop()!.length
  }
}

/** Bytes put one behind the other. */
export class Room {
  // Made with the first page in it: arrays that grow make room for many.
  #pages: Page[] = none
  /** Bytes that the last page has left. */
  #left = 0

  /** Copies `bytes` behind what is there. */
  append(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      if (this.#left === 0) this.#addPage(bytes.length - from)
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
    for (const page of this.#pages) giveBack(page)
    this.#pages = none
    this.#left = 0
  }

  #addPage(bytes: number): void {
    const page = takePage(bytes)
    if (this.#pages.length === 0) this.#pages = [page]
    else this.#pages.push(page)
    this.#left = page.length
  }
}

const none: never[] = []
