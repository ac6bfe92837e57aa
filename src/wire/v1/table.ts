// The growing range table that a scan fills and then hands over as a Batch of exact size.
// One table is kept for all scans: they are synchronous, and what leaves is a copy.

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
