// A line beside the database: every batch up to this number was stored, and LevelDB's list of files began with these
// bytes. A database that knows less has lost something without knowing it. The line is written after the fact and
// never synced: it may say too little, never too much.

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Layout } from './layout.ts'

/** The beginning of LevelDB's list of files: those that one names are all that the database has. */
interface Manifest {
  readonly name: string
  readonly size: number
  readonly checksum: number
}

export interface MarkLine {
  readonly sequence: number
  readonly manifest: Manifest | undefined
}

const nameShape = /^MANIFEST-\d{1,19}$/
const lineShape = /^(\d{1,16}) (?:(MANIFEST-\d{1,19}) (\d{1,15}) (\d{1,10}) )?(\d{1,10})\n$/

/** Zero and nothing if the file is missing or makes no sense. */
export async function readMark(path: string): Promise<MarkLine> {
  const line = await readFile(path, 'latin1').catch(() => '')
  const [, sequence, name, size, checksum, sum] = lineShape.exec(line) ?? []
  if (sequence === undefined || crc32(line.slice(0, line.lastIndexOf(' ') + 1)) !== Number(sum)) {
    return { sequence: 0, manifest: undefined }
  }
  const manifest = name === undefined ? undefined : { name, size: Number(size), checksum: Number(checksum) }
  return { sequence: Number(sequence), manifest }
}

/** LevelDB's list of files is one that came before that of the mark, or what it said then is changed. */
export async function isManifestBehind({ database }: Layout, { manifest }: MarkLine): Promise<boolean> {
  if (manifest === undefined) return false
  const name = await currentManifest(database)
  if (name === undefined || Number(name.slice(9)) > Number(manifest.name.slice(9))) return false
  if (name !== manifest.name) return true
  const bytes = await readFile(join(database, name)).catch(() => Buffer.alloc(0))
  return bytes.length < manifest.size || crc32(bytes.subarray(0, manifest.size)) !== manifest.checksum
}

async function currentManifest(database: string): Promise<string | undefined> {
  const name = (await readFile(join(database, 'CURRENT'), 'latin1').catch(() => '')).trimEnd()
  return nameShape.test(name) ? name : undefined
}

/** The mark of an open store: raised often, written soon after. */
export class Mark {
  readonly #layout: Layout
  readonly #afterMs: number
  #sequence: number
  #manifest: Manifest | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  /** `sequence`: where the store stands. A raised mark is written after `afterMs`. */
  constructor(layout: Layout, sequence: number, afterMs = 100) {
    this.#layout = layout
    this.#sequence = sequence
    this.#afterMs = afterMs
  }

  /** Every batch up to this one is on disk. */
  raise(sequence: number): void {
    this.#sequence = sequence
    this.#timer ??= setTimeout(() => void this.write(), this.#afterMs).unref()
  }

  /** Never rejects: a mark that lags says less, and that is all. */
  write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined)
    return this.#writing
  }

  async #write(): Promise<void> {
    await this.#look()
    const known = this.#manifest
    const said = known === undefined ? '' : `${known.name} ${known.size} ${known.checksum} `
    const line = `${this.#sequence} ${said}`
    await writeFile(this.#layout.mark, `${line}${crc32(line)}\n`, { mode: 0o600 })
  }

  /** The list of files grows seldom, and only then is it read. */
  async #look(): Promise<void> {
    const { database } = this.#layout
    const name = await currentManifest(database)
    if (name === undefined) return
    const path = join(database, name)
    if (name === this.#manifest?.name && (await stat(path)).size === this.#manifest.size) return
    const bytes = await readFile(path)
    this.#manifest = { name, size: bytes.length, checksum: crc32(bytes) }
  }
}
