// From the bytes of a push to a Batch: unpack within the limits, then find the items.

import { gunzipSync } from 'node:zlib'
import { SluiceError } from '../errors.ts'
import type { Push } from '../receive/push.ts'
import type { Batch } from '../wire/batch.ts'
import { BYTES_PER_ITEM, ITEMS_PER_RANGE, SYMBOLS_PER_ITEM, type Watch } from '../wire/codec.ts'
import { codecs } from '../wire/codecs.ts'
import { carriesNothing } from '../wire/loki/codec.ts'
import { lokiJsonToProtobuf } from '../wire/loki/json.ts'
import { claimedLength, provePlausible, uncompress } from '../wire/snappy.ts'

/** DEFLATE's best ratio: a smaller body can't unpack to more. */
const gzipRatio = 1032

/**
 * Unpacks and scans. What it unpacks to is reserved from the in-flight budget before it is allocated.
 * Throws OVERLOADED if there is no room, DECOMPRESSED_TOO_LARGE over `maxBytes`, BODY_CORRUPT.
 */
export function readBatch(push: Push, watch: Watch, maxBytes: number): Batch {
  const bytes = unpack(push, maxBytes)
  const message = push.format === 'json' ? lokiJsonToProtobuf(bytes, maxBytes) : bytes
  if (message !== bytes) reserve(push, message.length)
  const batch = codecs[push.protocol].scan(message, watch, Math.floor(maxBytes / BYTES_PER_ITEM))
  const ranges = batch.metadata.length + batch.unknown.length
  const symbols = (batch.symbols?.count ?? 0) / SYMBOLS_PER_ITEM
  reserve(push, Math.ceil(batch.count + ranges * ITEMS_PER_RANGE + symbols) * BYTES_PER_ITEM)
  return batch
}

/** Throws SluiceError EMPTY_PUSH or EMPTY_REQUEST where there is nothing to send. */
export function refuseEmpty(batch: Batch): void {
  if (batch.codec.signal === 'logs') {
    if (carriesNothing(batch)) throw new SluiceError('EMPTY_PUSH', 'the push carries no log entry')
  } else if (batch.count === 0 && batch.metadata.length === 0) {
    throw new SluiceError('EMPTY_REQUEST', 'No timeseries found in the request')
  }
}

/** What a push says that it unpacks to, in bytes; nothing is checked. */
export function unpackedSize({ body, encoding }: Push): number {
  if (encoding === 'gzip') return Math.max(body.length, gzipClaim(body))
  let claim = 0
  if (encoding === 'snappy') {
    for (let at = 0; at < 5; at++) {
      const byte = body[at] ?? 0
      claim += (byte & 0x7f) * 2 ** (7 * at)
      if (byte < 0x80) break
    }
  }
  return Math.max(body.length, claim)
}

/** The trailer's length modulo 2^32, of the last member: good enough to reserve by, not to trust. */
function gzipClaim(body: Buffer): number {
  return body.length < 18 ? 0 : Math.min(body.readUInt32LE(body.length - 4), body.length * gzipRatio)
}

function unpack(push: Push, maxBytes: number): Uint8Array {
  const { body, encoding } = push
  if (encoding === 'snappy') {
    const length = claimedLength(body)
    if (length > maxBytes) throw tooLarge(length, maxBytes)
    provePlausible(body, length)
    reserve(push, length)
    return uncompress(body, maxBytes)
  }
  if (encoding === 'gzip') return gunzip(push, maxBytes)
  if (body.length > maxBytes) throw tooLarge(body.length, maxBytes)
  return body
}

function gunzip(push: Push, maxBytes: number): Uint8Array {
  const { body } = push
  const length = gzipClaim(body)
  if (length > maxBytes) throw tooLarge(length, maxBytes)
  reserve(push, length)
  try {
    const bytes = gunzipSync(body, { maxOutputLength: maxBytes })
    reserve(push, Math.max(0, bytes.length - length))
    return bytes
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(undefined, maxBytes)
    throw new SluiceError('BODY_CORRUPT', `gzip: ${message}`, { cause })
  }
}

function reserve(push: Push, bytes: number): void {
  if (bytes > 0 && !push.reserve(bytes)) {
    throw new SluiceError('OVERLOADED', 'too many bytes are in flight (receive.max_in_flight_bytes)', { retryAfter: 1 })
  }
}

function tooLarge(length: number | undefined, maxBytes: number): SluiceError {
  const size = length === undefined ? `more than ${maxBytes}` : String(length)
  return new SluiceError(
    'DECOMPRESSED_TOO_LARGE',
    `the body unpacks to ${size} bytes; the limit is ${maxBytes} (receive.max_decompressed_size)`,
  )
}
