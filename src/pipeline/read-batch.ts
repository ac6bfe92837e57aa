// From the bytes of a push to a Batch: unpack within the limits, then find the items.

import { gunzipSync } from 'node:zlib'
import { SluiceError } from '../errors.ts'
import type { Push } from '../receive/push.ts'
import type { Batch } from '../wire/batch.ts'
import { BYTES_PER_ITEM, ITEMS_PER_RANGE, type Watch } from '../wire/codec.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { lokiJsonToProtobuf } from '../wire/loki/json.ts'
import { claimedLength, uncompress } from '../wire/snappy.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'

/** DEFLATE's best ratio: a smaller body can't unpack to more. */
const gzipRatio = 1032

/**
 * Unpacks and scans. What it unpacks to is reserved from the in-flight budget before it is allocated.
 * Throws OVERLOADED if there is no room, DECOMPRESSED_TOO_LARGE over `maxBytes`, BODY_CORRUPT.
 */
export function readBatch(push: Push, watch: Watch, maxBytes: number): Batch {
  const bytes = unpack(push, maxBytes)
  const codec = push.kind === 'loki' ? lokiPush : remoteWrite1
  const message = push.format === 'json' ? lokiJsonToProtobuf(bytes, maxBytes) : bytes
  const batch = codec.scan(message, watch, Math.floor(maxBytes / BYTES_PER_ITEM))
  const ranges = batch.metadata.length + batch.unknown.length
  reserve(push, (batch.count + ranges * ITEMS_PER_RANGE) * BYTES_PER_ITEM)
  return batch
}

function unpack(push: Push, maxBytes: number): Uint8Array {
  const { body, encoding } = push
  if (encoding === 'snappy') {
    const length = claimedLength(body)
    if (length > maxBytes) throw tooLarge(length, maxBytes)
    reserve(push, length)
    return uncompress(body, maxBytes)
  }
  if (encoding === 'gzip') return gunzip(push, maxBytes)
  if (body.length > maxBytes) throw tooLarge(body.length, maxBytes)
  return body
}

function gunzip(push: Push, maxBytes: number): Uint8Array {
  const { body } = push
  // The trailer says the length modulo 2^32, of the last member: good enough to reserve by, not to trust.
  const claimed = body.length < 18 ? 0 : body.readUInt32LE(body.length - 4)
  const length = Math.min(claimed, body.length * gzipRatio)
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
