import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { encodeWriteRequest, snappyBlock } from '../src/dev/encode.ts'
import { loadApi } from './load.ts'
import { headersOf, inMessage2 } from './message.ts'
import { receiverApi } from './receiver.ts'
import { difference, totalSamples } from './tally.ts'

const body1 = (name: string, samples: number): Buffer =>
  snappyBlock(
    encodeWriteRequest({
      series: [{ labels: [['__name__', name]], samples: Array.from({ length: samples }, (_, n) => [n, n] as const) }],
    }),
  )

const whole = (tenant: string, bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`POST / HTTP/1.1\r\nX-Scope-OrgID: ${tenant}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
    bytes,
  ])

const chunked = (tenant: string, bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`POST / HTTP/1.1\r\nx-scope-orgid: ${tenant}\r\nTransfer-Encoding: chunked\r\n\r\n`),
    ...[...bytes].flatMap((byte) => [Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
    Buffer.from('0\r\n\r\n'),
  ])

async function open(): Promise<number> {
  const port = await receiverApi.open({ label: 'tenant' })
  onTestFinished(() => receiverApi.close(port))
  return port
}

/** Sends bytes, in two writes, on one connection, and waits for so many answers, which it returns. */
function push(port: number, bytes: Buffer, answers: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('error', reject).on('data', (chunk) => {
      text += chunk
      if (text.split('HTTP/1.1 200 OK\r\n').length - 1 < answers) return
      socket.destroy()
      resolve(text)
    })
    socket.write(bytes.subarray(0, 50), () => socket.write(bytes.subarray(50)))
  })
}

test('requests on one connection are counted exactly, however they are sent', async () => {
  const port = await open()
  const [three, five] = [body1('three', 3), body1('five', 5)]
  await push(port, Buffer.concat([whole('a', three), chunked('b', five), whole('a', three), whole('b', three)]), 4)
  const { tally, requests, headless, unreadable } = receiverApi.report(port)
  expect(Object.fromEntries([...tally.tenants].map(([tenant, { samples }]) => [tenant, samples]))).toEqual({
    a: 6n,
    b: 8n,
  })
  expect({ requests, headless, unreadable }).toEqual({ requests: 4, headless: 0, unreadable: 0 })
})

test('a round begins at nothing, also for bodies that were seen before', async () => {
  const port = await open()
  await push(port, whole('a', body1('x', 2)), 1)
  receiverApi.clear(port)
  expect(receiverApi.report(port).requests).toBe(0)
  await push(port, whole('a', body1('x', 2)), 1)
  expect(totalSamples(receiverApi.report(port).tally)).toBe(2)
})

test('what the load generator sends is what arrives, in either form; of 2.0 it says how much', async () => {
  const port = await open()
  const source = { tenants: 5, order: 'contiguous', series: 40 } as const
  const facts = loadApi.prepare({ source, count: 4, senders: 2, seed: 1, messages: [1, 2], rising: false })
  expect(facts.map(({ bodies, samples }) => [bodies, samples.min])).toEqual([
    [4, 40],
    [4, 40],
  ])
  for (const message of [1, 2] as const) {
    receiverApi.clear(port)
    const result = await loadApi.run({ port, path: '/', message, requests: 10, timeLimitMs: 10_000 })
    expect([...result.statuses]).toEqual([[200, 10]])
    expect(difference(result.sent, receiverApi.report(port).tally)).toBe(undefined)
    expect(totalSamples(result.sent)).toBe(400)
  }
  const body = inMessage2({ compressed: body1('x', 3), rawLength: 0 }).compressed
  const head = `POST / HTTP/1.1\r\nContent-Type: ${headersOf[2][0]}\r\nContent-Length: ${body.length}\r\n\r\n`
  const answer = await push(port, Buffer.concat([Buffer.from(head), body]), 1)
  expect(answer).toContain('X-Prometheus-Remote-Write-Samples-Written: 3\r\n')
})

test('listeners count apart', async () => {
  const [one, other] = [await open(), await open()]
  await push(one, whole('a', body1('x', 2)), 1)
  expect(receiverApi.report(one).requests).toBe(1)
  expect(receiverApi.report(other).requests).toBe(0)
})

test('what has no tenant, or cannot be read, is told', async () => {
  const port = await open()
  const bare = body1('x', 2)
  const head = `POST / HTTP/1.1\r\nContent-Length: ${bare.length}\r\n\r\n`
  await push(port, Buffer.concat([Buffer.from(head), bare, whole('a', Buffer.from('not snappy'))]), 2)
  const { headless, unreadable, fault } = receiverApi.report(port)
  expect({ headless, unreadable }).toEqual({ headless: 1, unreadable: 1 })
  expect(fault).toMatch(/snappy/)
})
