// LevelDB's tables, looked at from outside. LevelDB ends the whole process when a block it trusts makes no sense, so
// it gets to see only tables whose blocks pass their checksums; of the others we read what still does. Blocks may be
// packed: LevelDB's repair packs what it writes, whatever the database was opened with.

import { type FileHandle, open, readFile } from 'node:fs/promises'
import { uncompress } from '../../wire/snappy.ts'
import { crc32c } from './crc32c.ts'

export type Entry = readonly [key: Buffer, value: Buffer]

interface Block {
  readonly at: number
  /** Without the five bytes behind it: type and checksum. */
  readonly size: number
}

const footerBytes = 48
const trailerBytes = 5
const magic = Buffer.from('57fb808b247547db', 'hex')
/** Of a block, behind its bytes. */
const kinds = { plain: 0, packed: 1 } as const
/** More than any block of ours unpacks to; a claim over it is damage that happens to have the right checksum. */
const mostUnpacked = 1 << 30

/**
 * What is wrong with a table; undefined if nothing is. `deep`: every block is read, not only the index.
 * Rejects if the file can't be read.
 */
export async function faultOf(path: string, deep: boolean): Promise<string | undefined> {
  if (deep) return faultIn(await readFile(path))
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const footer = await piece(file, Math.max(0, size - footerBytes), footerBytes)
    const [, index] = handlesOf(footer) ?? []
    if (index === undefined) return 'its end is damaged'
    if (index.at + index.size + trailerBytes > size) return 'its index lies outside of it'
    const block = await piece(file, index.at, index.size + trailerBytes)
    return isGood(block, { at: 0, size: index.size }) ? undefined : 'its index is damaged'
  } finally {
    await file.close()
  }
}

/** Every entry of a damaged table that lies in a good block; deletions are left out. */
export function salvage(table: Buffer): Entry[] {
  const blocks = indexOf(table) ?? blocksInRow(table)
  return blocks.filter((block) => isGood(table, block)).flatMap((block) => entriesOf(table, block) ?? [])
}

function faultIn(table: Buffer): string | undefined {
  const index = indexOf(table)
  const [meta] = handlesOf(table.subarray(-footerBytes)) ?? []
  if (index === undefined || meta === undefined) return 'its index or its end is damaged'
  const others = isGood(table, meta) ? rawEntries(table, meta)?.map(([, value]) => handleAt(value, 0)?.[0]) : undefined
  if (others === undefined) return 'its list of further blocks is damaged'
  const bad = [...index, ...others].find((block) => block === undefined || !isGood(table, block))
  return bad === undefined ? undefined : 'a block is damaged'
}

async function piece(file: FileHandle, at: number, size: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, at)
  return buffer.subarray(0, bytesRead)
}

/** Where the list of further blocks and the index lie. */
function handlesOf(footer: Buffer): [Block, Block] | undefined {
  if (footer.length !== footerBytes || !footer.subarray(-magic.length).equals(magic)) return undefined
  const meta = handleAt(footer, 0)
  const index = meta && handleAt(footer, meta[1])
  return index && [meta[0], index[0]]
}

/** The data blocks, as the index says. */
function indexOf(table: Buffer): Block[] | undefined {
  const [, index] = handlesOf(table.subarray(-footerBytes)) ?? []
  if (index === undefined || !isGood(table, index)) return undefined
  return rawEntries(table, index)?.flatMap(([, value]) => handleAt(value, 0)?.[0] ?? [])
}

/** The data blocks from the start on, found by where their checksum fits. What follows them begins with a block of no entries. */
function blocksInRow(table: Buffer): Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < table.length; ) {
    const block = blockAt(table, at)
    if (block === undefined || rawEntries(table, block)?.length === 0) break
    blocks.push(block)
    at += block.size + trailerBytes
  }
  return blocks
}

/** The first span from `at` on that is followed by its own checksum. */
function blockAt(table: Buffer, at: number): Block | undefined {
  let sum = 0
  for (let end = at; end + trailerBytes <= table.length; end++) {
    sum = crc32c(table.subarray(end, end + 1), sum)
    if (end > at && table[end]! <= kinds.packed && sum === checksumAt(table, end + 1)) return { at, size: end - at }
  }
  return undefined
}

/** The block lies within the table and has the checksum it says. */
function isGood(table: Buffer, { at, size }: Block): boolean {
  const end = at + size
  if (end + trailerBytes > table.length || table[end]! > kinds.packed) return false
  return crc32c(table.subarray(at, end + 1)) === checksumAt(table, end + 1)
}

function checksumAt(table: Buffer, at: number): number {
  const rotated = (table.readUInt32LE(at) - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}

/** The entries of a data block: keys without LevelDB's own eight bytes, of which the first says whether it is a value. */
function entriesOf(table: Buffer, block: Block): Entry[] | undefined {
  return rawEntries(table, block)
    ?.filter(([key]) => key.length > 8 && key[key.length - 8] === 1)
    .map(([key, value]) => [key.subarray(0, -8), value])
}

function rawEntries(table: Buffer, block: Block): Entry[] | undefined {
  const bytes = contentOf(table, block)
  if (bytes === undefined || bytes.length < 4) return undefined
  const end = bytes.length - 4 - bytes.readUInt32LE(bytes.length - 4) * 4
  const entries: Entry[] = []
  let key = Buffer.alloc(0)
  for (let next = 0; next < end; ) {
    const entry = entryAt(bytes, next, end)
    if (entry === undefined || entry.shared > key.length) return undefined
    key = Buffer.concat([key.subarray(0, entry.shared), bytes.subarray(entry.key, entry.value)])
    entries.push([key, bytes.subarray(entry.value, entry.end)])
    next = entry.end
  }
  return entries
}

/** What a good block holds; undefined if it can't be unpacked. */
function contentOf(table: Buffer, { at, size }: Block): Buffer | undefined {
  const bytes = table.subarray(at, at + size)
  if (table[at + size] === kinds.plain) return bytes
  try {
    const unpacked = uncompress(bytes, mostUnpacked)
    return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length)
  } catch {
    return undefined
  }
}

/** Where the parts of the entry at `at` begin; undefined if it does not end by `limit`. */
function entryAt(table: Buffer, at: number, limit: number) {
  const shared = varintAt(table, at)
  const own = shared && varintAt(table, shared[1])
  const size = own && varintAt(table, own[1])
  if (size === undefined || size[1] + own![0] + size[0] > limit) return undefined
  const key = size[1]
  const value = key + own![0]
  return { shared: shared![0], key, value, end: value + size[0] }
}

function handleAt(bytes: Buffer, at: number): readonly [Block, number] | undefined {
  const start = varintAt(bytes, at)
  const size = start && varintAt(bytes, start[1])
  return size && [{ at: start[0], size: size[0] }, size[1]]
}

/** A number and where it ends; at most 2^49. */
function varintAt(bytes: Buffer, at: number): readonly [number, number] | undefined {
  let value = 0
  for (let k = 0; k < 7; k++) {
    const byte = bytes[at + k]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * k)
    if (byte < 0x80) return [value, at + k + 1]
  }
  return undefined
}
