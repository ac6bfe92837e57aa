// A number beside the database: every batch up to it was stored. A database that knows less has lost something without
// knowing it. The file is written after the fact and never synced: it may say too little, never too much.

import { readFile, writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

const shape = /^(\d{16}) ([0-9a-f]{8})\n$/

const checksum = (digits: string) => crc32(digits).toString(16).padStart(8, '0')

/** 0 if the file is missing or makes no sense. */
export async function readMark(path: string): Promise<number> {
  const text = await readFile(path, 'latin1').catch(() => '')
  const [, digits = '', sum] = shape.exec(text) ?? []
  return sum !== undefined && checksum(digits) === sum ? Number(digits) : 0
}

export async function writeMark(path: string, sequence: number): Promise<void> {
  const digits = String(sequence).padStart(16, '0')
  await writeFile(path, `${digits} ${checksum(digits)}\n`, { mode: 0o600 })
}

/** The mark of an open store: raised often, written now and then. */
export class Mark {
  readonly #path: string
  readonly #now: () => number
  readonly #everyMs: number
  #sequence: number
  #writtenAt = Number.NEGATIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()

  /** `now`: time in ms; `sequence`: where the store stands. */
  constructor(path: string, now: () => number, sequence: number, everyMs = 1000) {
    this.#path = path
    this.#now = now
    this.#sequence = sequence
    this.#everyMs = everyMs
  }

  /** Every batch up to this one is on disk. */
  raise(sequence: number): void {
    this.#sequence = sequence
    if (Math.abs(this.#now() - this.#writtenAt) < this.#everyMs) return
    this.#writtenAt = this.#now()
    void this.write()
  }

  /** Never rejects: a mark that lags says less, and that is all. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => writeMark(this.#path, this.#sequence)).catch(() => undefined)
    return this.#writing
  }
}
