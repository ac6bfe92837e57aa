// Bodies of requests to the admin listener, read within a bound whether or not their length is known beforehand.

import { SluiceError } from '../errors.ts'

const maxBytes = 1024 * 1024

/** The body as UTF-8 text; throws SluiceError BODY_TOO_LARGE over 1 MiB. */
export async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body?.getReader()
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {}
    if (done || value === undefined) return Buffer.concat(chunks).toString()
    size += value.length
    if (size > maxBytes) {
      await reader?.cancel()
      throw tooLarge()
    }
    chunks.push(value)
  }
}

const tooLarge = (): SluiceError => new SluiceError('BODY_TOO_LARGE', `the body is longer than ${maxBytes} bytes`)
