// The order of things in the database. A record's key sorts by (endpoint, signal, tenant, lane, sequence), so what one
// lane has stored lies together, oldest first. No id can contain the separator: one that does is refused.

import type { Signal } from '../lane-metrics.ts'

/** What has lanes of its own: one tenant's data of one signal at one endpoint. */
export interface Queue {
  /** Stable over restarts and changes of settings: the component's label and the endpoint's name or position. */
  readonly endpoint: string
  readonly signal: Signal
  readonly tenant: string
}

export interface LaneId extends Queue {
  /** 0 … 65,535. */
  readonly lane: number
}

/** First byte of a key. */
export const keyKind = { counts: 0x63, next: 0x6e, paused: 0x70, record: 0x72, damaged: 0x78 } as const

const laneBytes = 2
const sequenceBytes = 8
const halfway = 2 ** 32

/** `queue` as one text: equal texts, equal queues. Throws RangeError if an id is empty where it must not be, or has a NUL in it. */
export function queueName({ endpoint, signal, tenant }: Queue): string {
  for (const part of [endpoint, signal, tenant]) {
    if (part === '' || part.includes('\0')) {
      throw new RangeError(`${JSON.stringify(part)} can’t name an endpoint, a signal or a tenant in the store`)
    }
  }
  return `${endpoint}\0${signal}\0${tenant}\0`
}

/** What all keys of one kind begin with that belong to lane `lane` of the queue. */
export function lanePrefix(kind: number, name: string, lane: number): Buffer {
  if (!Number.isInteger(lane) || lane < 0 || lane > 0xffff) throw new RangeError(`${lane} can’t be a lane’s number`)
  const prefix = Buffer.allocUnsafe(1 + Buffer.byteLength(name) + laneBytes)
  prefix[0] = kind
  prefix.write(name, 1)
  prefix.writeUInt16BE(lane, prefix.length - laneBytes)
  return prefix
}

/** The key of one record: a lane's prefix and 0 … Number.MAX_SAFE_INTEGER. */
export function withSequence(prefix: Uint8Array, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + sequenceBytes)
  key.set(prefix)
  key.writeUInt32BE(Math.floor(sequence / halfway), prefix.length)
  key.writeUInt32BE(sequence % halfway, prefix.length + 4)
  return key
}

/** The next possible key behind this one. */
export const keyAfter = (key: Uint8Array): Buffer => Buffer.concat([key, Buffer.of(0)])

/** First key after all that begin with `prefix`, whose last byte or one before it is under 0xff. */
export function afterPrefix(prefix: Uint8Array): Buffer {
  let end = prefix.length
  while (prefix[end - 1] === 0xff) end--
  const after = Buffer.from(prefix.subarray(0, end))
  after[end - 1]!++
  return after
}

/** The lane that a key of kind `counts` belongs to; undefined if the bytes are no such key. */
export function decodeLaneKey(key: Uint8Array): LaneId | undefined {
  return decode(key, laneBytes)
}

/** What a record's key says, whatever its kind; undefined if the bytes are no such key. */
export function decodeRecordKey(key: Uint8Array): (LaneId & { readonly sequence: number }) | undefined {
  const lane = decode(key, laneBytes + sequenceBytes)
  if (lane === undefined) return undefined
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length)
  const sequence = sequenceAt(bytes, key.length - sequenceBytes)
  return Number.isSafeInteger(sequence) ? { ...lane, sequence } : undefined
}

/** The sequence number that a key says which was found under a lane's prefix; 0 if it is no record's key. */
export function sequenceUnder(prefix: Uint8Array, key: Buffer): number {
  if (key.length !== prefix.length + sequenceBytes) return 0
  const sequence = sequenceAt(key, prefix.length)
  return Number.isSafeInteger(sequence) ? sequence : 0
}

const sequenceAt = (key: Buffer, at: number) => key.readUInt32BE(at) * halfway + key.readUInt32BE(at + 4)

/** `tail`: bytes behind the last separator, the lane's number first. */
function decode(key: Uint8Array, tail: number): LaneId | undefined {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length)
  const end = bytes.length - tail
  if (end < 2) return undefined
  const [endpoint, signal, tenant, rest, ...more] = bytes.toString('utf8', 1, end).split('\0')
  if (!endpoint || !tenant || rest !== '' || more.length > 0) return undefined
  if (signal !== 'metrics' && signal !== 'logs') return undefined
  return { endpoint, signal, tenant, lane: bytes.readUInt16BE(end) }
}
