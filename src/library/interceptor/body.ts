// A request's body as bytes, in whatever form the caller gave it to undici. A push is small and is sent in parts, so
// it is held whole; what is too long to be one is not read to its end.

import { SluiceError } from '../../errors.ts'

const none = new Uint8Array(0)

/**
 * Takes a string, bytes (typed array, DataView, ArrayBuffer), a Blob, a stream or iterable of these (fetch gives an
 * async generator), or nothing. Bytes are not copied. A stream that is not read to its end is destroyed.
 * Throws SluiceError BODY_TOO_LARGE beyond `maxBytes`, BAD_REQUEST for anything else (FormData is no push), or the
 * signal's reason.
 */
export async function collectBody(body: unknown, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  if (body === null || body === undefined) return none
  const whole = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : bytesOf(body)
  if (whole !== undefined) return bounded(whole, whole.length, maxBytes)
  if (!isIterable(body)) throw notBytes(body)
  // A source that gives nothing for long must not keep an aborted request.
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
      reject(signal.reason)
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop)
    return void readAll(body, maxBytes, signal)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}

type Source = AsyncIterable<unknown> | Iterable<unknown>

const isIterable = (body: unknown): body is Source & object =>
  typeof body === 'object' && body !== null && (Symbol.asyncIterator in body || Symbol.iterator in body)

async function readAll(source: Source, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    signal.throwIfAborted()
    const bytes = bytesOf(chunk)
    if (bytes === undefined) throw notBytes(chunk)
    length += bytes.length
    chunks.push(bounded(bytes, length, maxBytes))
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, length)
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined
}

function bounded(bytes: Uint8Array, length: number, maxBytes: number): Uint8Array {
  if (length <= maxBytes) return bytes
  throw new SluiceError('BODY_TOO_LARGE', `the body is longer than ${maxBytes} bytes`)
}

function notBytes(value: unknown): SluiceError {
  const what = typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value
  return new SluiceError('BAD_REQUEST', `a push is sent as bytes, but its body is or holds a value of type ${what}`)
}
