// An upstream that means harm, over a real socket: every request settles in its time, and nothing of one answer
// is ever taken for another's.

import { expect, onTestFinished, test } from 'vitest'
import { onRequests, rawServer } from '../../../test/support/raw-server.ts'
import { eventually } from '../../../test/support/until.ts'
import { createTransport, type TransportOptions } from '../transport.ts'

function client(options: TransportOptions = {}) {
  const transport = createTransport(options)
  onTestFinished(() => transport.destroy())
  const post = (port: number, body = 'body', timeoutMs = 15_000) =>
    transport
      .send({ method: 'POST', url: `http://127.0.0.1:${port}/`, headers: {}, body: Buffer.from(body), timeoutMs })
      .then(
        (answer) => `${answer.status} ${Buffer.from(answer.body).toString('latin1')}`,
        (error: { readonly code: string }) => error.code,
      )
  return { ...transport, post }
}

const ok = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

test('a thousand answers to one request: the first counts, the connection goes', async () => {
  const server = await rawServer((socket, nth) =>
    onRequests(socket, (_head, body) => socket.write(ok(`${nth}:${body}`).repeat(1000))),
  )
  const { post, stats } = client()
  for (const [i, name] of ['a', 'b', 'c'].entries()) expect(await post(server.port, name)).toBe(`200 ${i}:${name}`)
  expect(stats().opened).toBe(3)
})

test('an answer that comes before its request is nobody’s', async () => {
  const server = await rawServer((socket) => {
    onRequests(socket, (_head, body) => {
      socket.write(ok(`to ${body}`))
      setImmediate(() => socket.write(ok('unasked')))
    })
  })
  const { post, stats } = client()
  expect(await post(server.port, 'one')).toBe('200 to one')
  await eventually(() => expect(stats().connections).toBe(0))
  expect(await post(server.port, 'two')).toBe('200 to two')
})

test('a slow drip ends at the deadline, with the status if it had come', async () => {
  const drip = (text: string) =>
    rawServer((socket) => {
      let at = 0
      const timer = setInterval(() => socket.write(text[at++ % text.length]!), 2)
      socket.on('close', () => clearInterval(timer))
    })
  const { post } = client()
  const [heads, bodies] = [
    await drip('HTTP/1.1 200 OK\r\nx: yyyyyyyyyyyy'),
    await drip(ok('z').replace(': 1', ': 90000')),
  ]
  expect(await post(heads.port, '', 500)).toMatch(/UPSTREAM_(TIMEOUT|UNREACHABLE)/)
  expect(await post(bodies.port, '', 2000)).toMatch(/^200 z/)
})

test('hang-ups at every byte of an answer', async () => {
  const answer = 'HTTP/1.1 201 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
  let length = 0
  const server = await rawServer((socket) => onRequests(socket, () => socket.end(answer.slice(0, length), 'latin1')))
  const { post } = client()
  const headEnd = answer.indexOf('\r\n\r\n') + 4
  for (length = 0; length <= answer.length; length++) {
    const seen = await post(server.port)
    if (length < headEnd) expect(seen, `${length}`).toBe('UPSTREAM_UNREACHABLE')
    else expect(seen, `${length}`).toMatch(/^201 (abc|ab|a|)$/)
  }
})

test('resets in the middle of a body', async () => {
  const server = await rawServer((socket) => {
    socket.once('data', () => socket.resetAndDestroy())
  })
  const { post } = client()
  expect(await post(server.port, 'x'.repeat(5_000_000))).toBe('UPSTREAM_UNREACHABLE')
})

test('an upstream that never reads', async () => {
  const server = await rawServer((socket) => void socket.pause())
  const { post, stats } = client()
  expect(await post(server.port, 'x'.repeat(20_000_000), 500)).toBe('UPSTREAM_TIMEOUT')
  expect(stats().connections).toBe(0)
})

test('a flood of interim answers, of header, of body', async () => {
  const flood = (start: string, piece: string) =>
    rawServer((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.once('data', () => {
        socket.write(start)
        socket.on('drain', more)
        more()
      })
    })
  const { post } = client()
  const interim = await flood('', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100))
  expect(await post(interim.port, '')).toBe('UPSTREAM_ANSWER_TOO_LARGE')
  const header = await flood('HTTP/1.1 200 OK\r\n', 'x-header: yyyyyyyyyyyyyyyyyy\r\n'.repeat(100))
  expect(await post(header.port, '')).toBe('UPSTREAM_ANSWER_TOO_LARGE')
  const body = await flood('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(50_000))
  expect((await post(body.port, '')).length).toBe('200 '.length + 64 * 1024)
  const chunks = await flood(
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
    '1;xxxxxxxxxxxxxxxxxxx\r\ny\r\n'.repeat(1000),
  )
  expect(await post(chunks.port, '')).toMatch(/^200 y+$/)
})

test('an idle connection that upstream says it will close soon is not used', async () => {
  const server = await rawServer((socket) =>
    onRequests(socket, () => socket.write('HTTP/1.1 204 No\r\nkeep-alive: timeout=1\r\n\r\n')),
  )
  const { post, stats } = client()
  await post(server.port)
  await post(server.port)
  expect(stats().opened).toBe(2)
})
