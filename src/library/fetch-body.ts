// The body of a push given to fetch, as bytes of its own: as with fetch, what the caller does to a buffer after the
// call has no effect.

import { tooLarge } from '../receive/refusals.ts'
import { maxPushBytes } from './engine.ts'
import { collectBody } from './interceptor/body.ts'

const never = new AbortController().signal

/**
 * Any form of body that holds bytes or text. Rejects with BODY_TOO_LARGE beyond `maxPushBytes`, BAD_REQUEST for what
 * can't be one (FormData), or the signal's reason.
 */
export async function takeBody(body: unknown, signal: AbortSignal = never): Promise<Uint8Array> {
  if (ArrayBuffer.isView(body)) return copyOf(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  if (body instanceof ArrayBuffer || body instanceof SharedArrayBuffer) return copyOf(new Uint8Array(body))
  if (body instanceof URLSearchParams) return Buffer.from(String(body))
  if (body instanceof Blob && body.size > maxPushBytes) throw tooLarge(maxPushBytes)
  return collectBody(isStream(body) ? readable(body) : body, maxPushBytes, signal)
}

/** Not `slice`: a Buffer's is a view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length > maxPushBytes) throw tooLarge(maxPushBytes)
  return new Uint8Array(bytes)
}

const isStream = (body: unknown): body is ReadableStream<unknown> =>
  typeof body === 'object' && body !== null && 'getReader' in body

/** A stream that can be let go of while it is silent. */
function readable(stream: ReadableStream<unknown>): AsyncIterable<unknown> & { destroy(): void } {
  const reader = stream.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  return {
    destroy: cancel,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const { done, value } = await reader.read()
          if (done) return
          yield value
        }
      } finally {
        cancel()
      }
    },
  }
}
