import { expect, test } from 'vitest'
import { dial, MiB, setUp } from '../../test/support/push-listener.ts'
import { eventually } from '../../test/support/until.ts'
import type { Answer } from './push.ts'

test('a body over the limit is refused before it is read, and its sender sees why', async () => {
  const { send, pushes, admission, port } = await setUp({ maxBodySize: 1000 })
  const refused = { status: 413, text: 'the body is longer than 1000 bytes (receive.max_body_size)\n' }
  expect((await send('/push', {}, Buffer.alloc(1000))).status).toBe(200)
  expect(await send('/push', {}, Buffer.alloc(1001))).toMatchObject(refused)
  expect(await send('/push', {}, Buffer.alloc(3 * MiB))).toMatchObject({ ...refused, headers: { connection: 'close' } })
  expect(await send('/push', { headers: { 'transfer-encoding': 'chunked' } }, Buffer.alloc(1001))).toMatchObject(
    refused,
  )
  const { socket, seen, ended } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 413 /)
  expect(pushes.length).toBe(1)
  expect(admission).toMatchObject({ usedBytes: 0, requests: 0 })
})

test('a refused sender that never stops is cut', async () => {
  const { port } = await setUp({ maxBodySize: 1000 })
  const { socket, seen } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const more = setInterval(() => socket.writableLength < MiB && socket.write(chunk), 1)
  socket.once('close', () => clearInterval(more))
  await new Promise((resolve) => socket.once('close', resolve))
  expect(seen()).toMatch(/^HTTP\/1\.1 413 /)
  expect(socket.bytesWritten).toBeLessThan(32 * MiB)
}, 10_000)

test('no room for bytes: 503 and Retry-After before the body is read; health still answers', async () => {
  let release = (_answer: Answer): void => undefined
  const { send, admission, port } = await setUp({
    maxBytes: 1000,
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const first = send('/push', {}, Buffer.alloc(600))
  await eventually(() => expect(admission.usedBytes).toBe(600))
  const second = await send('/push', {}, Buffer.alloc(600))
  expect(second).toMatchObject({ status: 503, text: /max_in_flight_bytes/ })
  expect(Number(second.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(Number(second.headers['retry-after'])).toBeLessThanOrEqual(5)
  const chunked = await send('/push', { headers: { 'transfer-encoding': 'chunked' } }, Buffer.alloc(600))
  expect(chunked.status).toBe(503)
  expect((await send('/alive', { method: 'GET' })).status).toBe(200)
  expect(admission).toMatchObject({ usedBytes: 600, requests: 1 })
  release({ status: 204 })
  expect(await first).toMatchObject({ status: 204, text: '' })
  expect(admission).toMatchObject({ usedBytes: 0, requests: 0 })
  expect((await dial(port)).socket.writable).toBe(true)
})

test('a body in chunks holds what its buffer holds, however small the chunks are', async () => {
  let release = (_answer: Answer): void => undefined
  const { port, admission } = await setUp({
    maxBytes: 100_000,
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const { socket, seen } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  socket.write('1\r\nx\r\n'.repeat(20_000))
  await eventually(() => expect(admission.usedBytes).toBe(32_768))
  socket.write('0\r\n\r\n')
  await eventually(() => {
    release({ status: 200 })
    expect(seen()).toMatch(/^HTTP\/1\.1 200 /)
  })
  expect(admission.usedBytes).toBe(0)
})

test('no room for requests: 503', async () => {
  let release = (_answer: Answer): void => undefined
  const { send, admission } = await setUp({
    concurrency: 1,
    handler: () => new Promise((resolve) => (release = resolve)),
  })
  const first = send('/push', {}, 'x')
  await eventually(() => expect(admission.requests).toBe(1))
  expect(await send('/push', {}, 'x')).toMatchObject({ status: 503, text: /concurrency/ })
  release({ status: 200 })
  expect((await first).status).toBe(200)
})

test('a handler may take more room, which goes with its push', async () => {
  const grown: boolean[] = []
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const { send, admission } = await setUp({
    maxBytes: 1000,
    handler: async (push) => {
      if (push.body.length === 500) {
        grown.push(push.reserve(300), push.reserve(300))
        await held
      } else grown.push(push.reserve(5000), push.reserve(1))
      return { status: 200 }
    },
  })
  const first = send('/push', {}, Buffer.alloc(500))
  await eventually(() => expect(grown.length).toBe(2))
  expect(admission.usedBytes).toBe(1100)
  release()
  await first
  expect(grown).toEqual([true, true])
  await send('/push', {}, Buffer.alloc(100))
  expect(admission.usedBytes).toBe(0)
})

test('an upload that breaks off gives its bytes back and reaches no handler', async () => {
  const { port, pushes, admission } = await setUp()
  const { socket } = await dial(port)
  socket.write(`POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n${'x'.repeat(100)}`)
  await eventually(() => expect(admission.usedBytes).toBe(5000))
  socket.destroy()
  await eventually(() => expect(admission).toMatchObject({ usedBytes: 0, requests: 0 }))
  expect(pushes).toEqual([])
})

test('a slow upload is refused with 503, which makes its sender try again', async () => {
  const { port, admission } = await setUp({ timeoutMs: 100 })
  const { socket, seen, ended } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nab')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 503 .*retry-after: \d.*only 2 of 50 bytes of the body came within 100 ms/s)
  expect(admission.usedBytes).toBe(0)
})

test('a head that does not come is not waited for, and its sender may try again', async () => {
  const { port } = await setUp({ timeoutMs: 200 })
  const { socket, seen, ended } = await dial(port)
  socket.write('POST /push HTTP/1.1\r\nho')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 503 /)
})

test('an idle connection is closed', async () => {
  const { port } = await setUp({ idleTimeoutMs: 100 })
  const { socket, seen, ended } = await dial(port)
  socket.write('GET /alive HTTP/1.1\r\nhost: x\r\n\r\n')
  await ended
  expect(seen()).toMatch(/^HTTP\/1\.1 200 /)
})
