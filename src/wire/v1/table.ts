// The growing range table that a scan fills and then hands over as a Batch of exact size.
// One table is kept for all scans: they are synchronous, and what leaves is a copy.

import type { Batch } from '../batch.ts'

type Column = 'start' | 'end' | 'which' | 'valueStart' | 'valueEnd' | 'labelStart' | 'labelEnd'
type Columns = Pick<Batch, Column | 'nameStart' | 'nameEnd' | 'samples' | 'flags'>

/** Nine columns of four bytes, one of two, one of one. */
const bytesPerRow = 39

/** Columns of Batch, in growable form. */
export class Table {
  capacity = 4096
  start: Uint32Array = new Uint32Array(4096)
  end: Uint32Array = new Uint32Array(4096)
  which: Int16Array = new Int16Array(4096)
  valueStart: Uint32Array = new Uint32Array(4096)
  valueEnd: Uint32Array = new Uint32Array(4096)
  labelStart: Uint32Array = new Uint32Array(4096)
  labelEnd: Uint32Array = new Uint32Array(4096)
  nameStart: Uint32Array = new Uint32Array(4096)
  nameEnd: Uint32Array = new Uint32Array(4096)
  samples: Uint32Array = new Uint32Array(4096)
  flags: Uint8Array = new Uint8Array(4096)

  /** The first `count` rows as columns of their own, all in one piece of memory. */
  copy(count: number): Columns {
    const buffer = new ArrayBuffer(count * bytesPerRow)
    let at = 0
    const words = (column: Uint32Array): Uint32Array => {
      const copied = new Uint32Array(buffer, at, count)
      copied.set(column.subarray(0, count))
      at += count * 4
      return copied
    }
    const start = words(this.start)
    const end = words(this.end)
    const valueStart = words(this.valueStart)
    const valueEnd = words(this.valueEnd)
    const labelStart = words(this.labelStart)
    const labelEnd = words(this.labelEnd)
    const nameStart = words(this.nameStart)
    const nameEnd = words(this.nameEnd)
    const samples = words(this.samples)
    const which = new Int16Array(buffer, at, count)
    which.set(this.which.subarray(0, count))
    const flags = new Uint8Array(buffer, at + count * 2, count)
    flags.set(this.flags.subarray(0, count))
    return { start, end, which, valueStart, valueEnd, labelStart, labelEnd, nameStart, nameEnd, samples, flags }
  }

  /** Doubles every column, keeping what is there. */
  grow(): void {
    this.capacity *= 2
    this.start = wider(this.start)
    this.end = wider(this.end)
    this.valueStart = wider(this.valueStart)
    this.valueEnd = wider(this.valueEnd)
    this.labelStart = wider(this.labelStart)
    this.labelEnd = wider(this.labelEnd)
    this.nameStart = wider(this.nameStart)
    this.nameEnd = wider(this.nameEnd)
    this.samples = wider(this.samples)
    const which = new Int16Array(this.capacity)
    which.set(this.which)
    this.which = which
    const flags = new Uint8Array(this.capacity)
    flags.set(this.flags)
    this.flags = flags
  }
}

function wider(column: Uint32Array): Uint32Array {
  const wide = new Uint32Array(column.length * 2)
  wide.set(column)
  return wide
}
