// A push listener for tests of it: what reached its handler, and senders of two kinds, one that speaks HTTP and one
// that says the bytes it is given.

import { once } from 'node:events'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createAdmission } from '../../src/receive/admission.ts'
import { type ListenerOptions, startListener } from '../../src/receive/listener.ts'
import type { Push } from '../../src/receive/push.ts'

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
export const MiB = 1024 * 1024

export async function setUp(
  options: Partial<ListenerOptions> & { readonly maxBytes?: number; readonly concurrency?: number } = {},
) {
  const { maxBytes = 64 * MiB, concurrency = 512, ...rest } = options
  const pushes: Push[] = []
  const admission = createAdmission({ maxBytes, maxRequests: concurrency })
  const listener = await startListener({
    address: '127.0.0.1:0',
    handler: async (push) => {
      pushes.push(push)
      return { status: 200, body: `${push.kind} ${push.format} ${push.encoding} ${push.body.length}` }
    },
    admission,
    log: silent,
    ...rest,
  })
  onTestFinished(async () => void (await listener.close(0)))
  const port = Number(new URL(listener.url).port)
  const send = (path: string, init: RequestOptions = {}, body?: Uint8Array | string) => ask(port, path, init, body)
  return { listener, port, pushes, admission, send }
}

interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

function ask(port: number, path: string, init: RequestOptions, body?: Uint8Array | string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', ...init }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** A connection of our own; `seen()` is all that came back. */
export async function dial(
  port: number,
): Promise<{ readonly socket: Socket; readonly seen: () => string; readonly ended: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  const ended = once(socket, 'end')
  ended.catch(() => undefined)
  await once(socket, 'connect')
  return { socket, seen: () => text, ended }
}
