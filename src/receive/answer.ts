// Puts an answer on the wire, by node:http where the request was read, by hand where it was not.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { plainText } from './error-answer.ts'
import type { Answer } from './push.ts'

/** Of a body nobody wants this much is read, so that its sender gets to the answer; then reading stops. */
const maxLingerBytes = 4 * 1024 * 1024
/** And after this time the connection is cut. */
const lingerMs = 2000

/** Answers a request whose body was read or that has none. `isLast`: the connection ends with it. */
export function writeAnswer(response: ServerResponse, answer: Answer, isLast: boolean): void {
  const { status, headers, body } = answer
  const isBodiless = status === 204 || status === 304
  const all: Record<string, string | number> = { ...headers }
  if (isLast) all.connection = 'close'
  if (isBodiless || body === undefined || body.length === 0) {
    if (!isBodiless) all['content-length'] = 0
    response.writeHead(status, all).end()
    return
  }
  all['content-type'] ??= plainText
  all['content-length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  response.writeHead(status, all).end(body)
}

/**
 * Answers a request whose body was not read to its end, at once, and ends the connection. The sender may still be
 * sending: were the connection just cut, it would see a reset and no answer, so a bounded part is read and dropped.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { socket } = response
  if (request.readableEnded) {
    writeAnswer(response, answer, false)
    return
  }
  // Behind an earlier request on its connection: that one's answer comes first, so node:http has to keep the order.
  if (socket === null) {
    writeAnswer(response, answer, true)
    return
  }
  refused.add(socket)
  socket.end(rawAnswer(answer, request.method === 'HEAD'), 'latin1')
  linger(request, socket)
}

const refused = new WeakSet<Socket>()

/** Nothing more that comes over this connection is looked at. */
export const isRefused = (socket: Socket): boolean => refused.has(socket)

function linger(request: IncomingMessage, socket: Socket): void {
  let dropped = 0
  const cut = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(cut))
  request.on('error', () => undefined)
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > maxLingerBytes) request.pause()
  })
  request.on('end', () => socket.destroySoon())
  request.resume()
}

function rawAnswer(answer: Answer, isHead: boolean): string {
  const body = answer.body === undefined ? '' : Buffer.from(answer.body).toString('latin1')
  const headers: Record<string, string> = {
    date: new Date().toUTCString(),
    connection: 'close',
    'content-type': plainText,
    ...answer.headers,
    'content-length': String(body.length),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${lines.join('')}\r\n${isHead ? '' : body}`
}
