// A captured push body as label sets: unpacked and scanned as the proxy does it, with what is wrong said for people.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { SluiceError } from '../errors.ts'
import type { Question } from '../proxy/explain.ts'
import type { Batch } from '../wire/batch.ts'
import { watchLabels } from '../wire/codec.ts'
import { codecs } from '../wire/codecs.ts'
import { messages, readContentType, remoteWriteOf } from '../wire/content-type.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { lokiJsonToProtobuf } from '../wire/loki/json.ts'
import { uncompress } from '../wire/snappy.ts'
import { CommandFailure, exitCode } from './exit.ts'

/** One item of a body: `fault` says why the item is malformed, where it is. */
export type CapturedItem = Pick<Question, 'signal' | 'labels' | 'fault'>

/** Bound of what a captured body may unpack to. */
const maxBytes = 512 << 20

/**
 * Each different item of a body, as it came over the wire: remote write, 1.0 or 2.0, in snappy; Loki pushes, too, in gzip or
 * plain, protobuf or JSON. JSON and 2.0 are known by `contentType`, or where that says nothing by their first byte.
 * Throws CommandFailure with exit code 1 where the file can't be read or understood.
 */
export function readCapturedBody(file: string, logs: boolean, contentType?: string): CapturedItem[] {
  try {
    const items = differentItems(scan(readFileSync(file), logs, contentType))
    if (items.length === 0) throw new CommandFailure(exitCode.failed, `${file}: the body carries nothing to route`)
    return items
  } catch (error) {
    const isForPeople = error instanceof SluiceError || (error as NodeJS.ErrnoException).code !== undefined
    if (!isForPeople) throw error
    throw new CommandFailure(exitCode.failed, `${file}: ${(error as Error).message}`)
  }
}

function scan(body: Buffer, logs: boolean, contentType: string | undefined): Batch {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  const plain = isGzip ? gunzipSync(body, { maxOutputLength: maxBytes }) : body
  const isJson = contentType === undefined ? looksLikeJson(plain) : contentType.startsWith('application/json')
  if (isJson) return lokiPush.scan(lokiJsonToProtobuf(unpackedJson(plain), maxBytes), watchLabels([]))
  if (!logs) {
    const message = isGzip ? plain : uncompress(body, maxBytes)
    return codecs[remoteWriteIn(message, contentType)].scan(message, watchLabels([]))
  }
  if (isGzip) return lokiPush.scan(plain, watchLabels([]))
  try {
    return lokiPush.scan(uncompress(body, maxBytes), watchLabels([]))
  } catch (error) {
    // A Loki push may be plain protobuf; what is neither is told as what it most likely was meant to be.
    try {
      return lokiPush.scan(body, watchLabels([]))
    } catch {}
    throw error
  }
}

/** By the type, or where that names none by the first field: symbols or series of 2.0, which 1.0 has not. */
function remoteWriteIn(message: Uint8Array, contentType = ''): 'remote-write-1' | 'remote-write-2' {
  const type = readContentType(contentType)
  if (type.protos.length === 0) return message[0] === 0x22 || message[0] === 0x2a ? 'remote-write-2' : 'remote-write-1'
  const named = remoteWriteOf(type)
  if (named !== undefined) return named
  throw new SluiceError(
    'UNSUPPORTED_CONTENT_TYPE',
    `${contentType}: the messages are ${Object.values(messages).join(' and ')}`,
  )
}

/** No push in snappy begins like this: it would be 123 bytes long and begin with a copy, or with no field of a push. */
const looksLikeJson = (body: Buffer): boolean => /^\s*\{\s*["}]/.test(body.subarray(0, 64).toString('latin1'))

/** JSON in snappy is rare, but the proxy takes it. */
function unpackedJson(body: Buffer): Uint8Array {
  return looksLikeJson(body) ? body : uncompress(body, maxBytes)
}

function differentItems(batch: Batch): CapturedItem[] {
  const { codec, count, faults } = batch
  const items = new Map<string, CapturedItem>()
  for (let i = 0; i < count; i++) {
    const fault = faults.get(i)
    const labels = codec.labels(batch, i)
    const item = { signal: codec.signal, labels, ...(fault !== undefined && { fault }) }
    items.set(JSON.stringify(item), item)
  }
  return [...items.values()]
}
