// Too much, too big, hostile: the program keeps to its memory, says what it refuses, and serves the others.

import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { encodeWriteRequest, type SeriesInput, snappyBlock } from '../src/dev/encode.ts'
import type { Sink } from '../src/dev/sink/sink.ts'
import { bigBodies, lengthOf, type Pieces } from './support/big-body.ts'
import { watchMemory } from './support/memory.ts'
import { startPlainUpstream } from './support/plain-upstream.ts'
import { type Answered, bodyOf, post, seriesOf } from './support/push.ts'
import { type ProxyProgram, startProxy } from './support/sluice.ts'
import { testSink } from './support/test-sink.ts'

const mebibyte = 2 ** 20

const own = (target: string): string[] => [
  `--target=${target}`,
  '--tenancy.labels=tenant',
  '--tenancy.keep_label=false',
]

const start = async (...flags: string[]): Promise<[ProxyProgram, Sink]> => {
  const sink = await testSink()
  return [await startProxy({ flags: [...own(sink.pushUrl), ...flags] }), sink]
}

/** One attempt on a connection of its own, pieces written as the connection takes them. */
function send(url: string, pieces: Pieces): Promise<Pick<Answered, 'status' | 'headers'>> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'content-length': lengthOf(pieces),
    }
    const outgoing = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
      answer.resume()
    })
    // Once there is an answer, a connection that is cut says nothing new.
    outgoing.on('error', reject)
    for (const piece of pieces) outgoing.write(piece)
    outgoing.end()
  })
}

/** Asks again and again until it is called; then gives what was seen: statuses, and the longest time an answer took. */
function keepAsking(ask: () => Promise<number>): () => Promise<{ statuses: Set<number>; slowestMs: number }> {
  let isOver = false
  const statuses = new Set<number>()
  let slowestMs = 0
  const loop = (async () => {
    while (!isOver) {
      const started = performance.now()
      statuses.add(await ask().catch(() => 0))
      slowestMs = Math.max(slowestMs, performance.now() - started)
      await wait(50)
    }
  })()
  return async () => {
    isOver = true
    await loop
    return { statuses, slowestMs }
  }
}

let clock = 0
const small = (proxy: ProxyProgram) => post(proxy.pushUrl, bodyOf(seriesOf(['small'], ++clock)))

/** Everybody posts at once: memory keeps to the budget, nobody goes without an answer, and it is over when it is over. */
async function checkFlood(budget: number, bodies: readonly Pieces[]): Promise<{ refused: number }> {
  const upstream = await startPlainUpstream()
  const proxy = await startProxy({ flags: [...own(upstream.url), `--receive.max_in_flight_bytes=${budget}`] })
  expect((await small(proxy)).status).toBe(204)
  const memory = watchMemory(proxy.pid)
  const watches = {
    healthy: keepAsking(async () => (await fetch(`${proxy.url}/-/healthy`)).status),
    metrics: keepAsking(async () => (await fetch(proxy.metricsUrl)).status),
    pushes: keepAsking(async () => {
      const { status, headers } = await small(proxy)
      return status === 503 && headers['retry-after'] === undefined ? -503 : status
    }),
  }
  const answers = await Promise.all(bodies.map((pieces) => send(proxy.pushUrl, pieces)))
  const over = performance.now()
  const next = await small(proxy)
  const recoveredMs = performance.now() - over
  const [healthy, metrics, pushes] = await Promise.all([watches.healthy(), watches.metrics(), watches.pushes()])
  const took = (status: number): number => answers.filter((answer) => answer.status === status).length

  expect([next.status, recoveredMs < 1000]).toEqual([204, true])
  expect(took(204)).toBeGreaterThan(0)
  expect(took(204) + took(503)).toBe(bodies.length)
  for (const { status, headers } of answers) if (status === 503) expect(headers['retry-after']).toMatch(/^\d+$/)
  expect([healthy.statuses, metrics.statuses]).toEqual([new Set([200]), new Set([200])])
  expect(Math.max(healthy.slowestMs, metrics.slowestMs)).toBeLessThan(5000)
  expect([...pushes.statuses].filter((status) => status !== 204 && status !== 503)).toEqual([])
  // A body exists as it came, unpacked and as parts; the rest is the program itself.
  expect(memory.peak / mebibyte).toBeLessThan(160 + (2 * budget) / mebibyte)
  expect(await proxy.metric('sluice_internal_errors_total')).toBe(0)
  expect(await proxy.metric('sluice_in_flight_bytes')).toBe(0)
  return { refused: took(503) }
}

const senders = Array.from({ length: 64 }, (_, n) => n)

test('64 senders post 32 MiB each at once', async () => {
  const noise = randomBytes(30_000 * 750).toString('base64url')
  const series = Array.from({ length: 30_000 }, (_, i): SeriesInput => {
    const value = noise.slice(i * 1000, (i + 1) * 1000)
    return { labels: [['__name__', 'big'], ['noise', value], ['tenant', `t${i % 5}`]], samples: [[i, 1]] } // biome-ignore format: one row
  })
  const body = bigBodies(series)
  expect(lengthOf(body(0)) / mebibyte).toBeGreaterThan(29)
  const { refused } = await checkFlood(128 * mebibyte, senders.map(body))
  expect(refused).toBeGreaterThan(0)
})

test('64 senders post small bodies that unpack to 60 MiB each at once', async () => {
  const value = 'x'.repeat(60 * mebibyte)
  const body = bigBodies([{ labels: [['__name__', 'm'], ['tenant', 't'], ['z', value]], samples: [[1, 1]] }]) // biome-ignore format: one row
  expect(lengthOf(body(0)) / mebibyte).toBeLessThan(3)
  await checkFlood(192 * mebibyte, senders.map(body))
})

test('200,000 short series in one body are split', async () => {
  const [proxy, sink] = await start()
  const count = 200_000
  const tenants = 20
  const series = Array.from({ length: count }, (_, i): SeriesInput => ({ labels: [['__name__', 'm'], ['i', `${i}`], ['tenant', `t${i % tenants}`]], samples: [[i, 1]] })) // biome-ignore format: one row
  expect((await post(proxy.pushUrl, bodyOf(series))).status).toBe(204)
  expect(sink.store.tenants).toHaveLength(tenants)
  for (let t = 0; t < tenants; t++) {
    const got = [...sink.store.series(`t${t}`)].map(
      ([text, { samples }]) => `${text} ${samples.map(([, value]) => value)}`,
    )
    const want = Array.from({ length: count / tenants }, (_, k) => `m{i="${t + k * tenants}"} ${t + k * tenants}`)
    expect(got).toEqual(want)
  }
  expect(sink.store.violations).toEqual([])

  const everyOwn = series.map(({ samples }, i): SeriesInput => ({ labels: [['__name__', 'm'], ['tenant', `own${i}`]], samples: samples ?? [] })) // biome-ignore format: one row
  const known = sink.requests.length
  const refused = await post(proxy.pushUrl, bodyOf(everyOwn))
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('tenancy.max_tenants_per_request')])
  expect(sink.requests.length).toBe(known)
})

test('bombs, floods and nonsense: each its answer, and all goes on', async () => {
  const [proxy, sink] = await start('--receive.max_body_size=1MiB', '--receive.max_decompressed_size=8MiB')
  const check = async (body: Uint8Array, status: number, text: RegExp, headers: Record<string, string> = {}) => {
    const url = headers.loki === undefined ? proxy.pushUrl : proxy.lokiUrl
    const { loki: _, ...sent } = headers
    const answer = await post(url, body, { headers: sent })
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(text)])
    expect(answer.text.length).toBeLessThan(8192)
  }
  const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')
  const zeros = (bytes: number): Buffer => snappyBlock(new Uint8Array(bytes))
  // It says that it unpacks to 4 GiB − 1; to 4 MiB, which six bytes can't; it does unpack to 9 MiB; 9 MiB, then nonsense.
  await check(hex('ffffffff0f 00 00'), 413, /unpacks to 4294967295 bytes; the limit is 8388608/)
  await check(hex('80808002 00 00'), 400, /cannot unpack to the 4194304/)
  await check(
    zeros(9 * mebibyte),
    413,
    /unpacks? to 9437184 bytes; the limit is 8388608 \(receive\.max_decompressed_size\)/,
  )
  await check(
    Buffer.concat([zeros(9 * mebibyte).subarray(0, 4), Buffer.alloc(600_000, 255)]),
    413,
    /unpacks to 9437184/,
  )
  await check(Buffer.alloc(mebibyte + 1), 413, /receive\.max_body_size/)
  await check(zeros(7 * mebibyte), 400, /\b(byte|offset)\b.*\d/)
  await check(hex('05 f0 00'), 400, /snappy/)
  await check(hex('ffffffffffff'), 400, /snappy/)
  await check(new Uint8Array(0), 400, /snappy|empty/)
  const whole = encodeWriteRequest({ series: seriesOf(['a', 'b'], 1) })
  for (let end = 1; end < whole.length; end++) {
    const cut = await post(proxy.pushUrl, snappyBlock(whole.subarray(0, end)))
    expect([end, cut.status === 400 || cut.status === 204]).toEqual([end, true])
  }
  await check(bodyOf(seriesOf(['a'], 1)), 415, /Content-Type/i, { 'content-type': 'text/plain' })
  await check(bodyOf(seriesOf(['a'], 1)), 415, /Content-Encoding/i, { 'content-encoding': 'zstd' })
  const json = { loki: 'yes', 'content-type': 'application/json', 'content-encoding': 'identity' }
  await check(Buffer.from('['.repeat(500_000)), 400, /./, json)
  await check(Buffer.from('{"streams":[]}'), 422, /no log entry/, json)
  expect((await fetch(proxy.pushUrl)).status).toBe(405)
  expect((await fetch(`${proxy.url}/nowhere`, { method: 'POST', body: 'x' })).status).toBe(404)
  expect((await small(proxy)).status).toBe(204)
  expect(sink.store.violations).toEqual([])
  expect(proxy.end).toBeUndefined()
  expect(await proxy.metric('sluice_internal_errors_total')).toBe(0)
})

test('hostile tenant ids reach no header; the others of the body are delivered', async () => {
  const [proxy, sink] = await start()
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
  const hostile: (string | Uint8Array)[] = ['A\r\nX-Evil: 1', 'a|b', '.', '..', '__mimir_cluster', 'a b', 'a/b', 'té', '\0', 'x'.repeat(151), 'x'.repeat(2 * mebibyte), bytes('\xff\xfe'), '*\n', '%2e', 'a,b'] // biome-ignore format: one row
  const label = (tenant: string | Uint8Array): SeriesInput => ({ labels: [['__name__', 'm'], ['tenant', tenant]], samples: [[1, 1]] }) // biome-ignore format: one row
  const answer = await post(proxy.pushUrl, bodyOf([label('good'), ...hostile.map(label), label("a!-_.*'()Z9")]))
  expect([answer.status, answer.text.split('\n')[0]]).toEqual([400, `${hostile.length} series rejected`])
  expect(answer.text).toContain(`rejected invalid_tenant (${hostile.length}):`)
  expect(answer.text.length).toBeLessThan(8192)
  expect(sink.requests.map(({ tenant }) => tenant).toSorted()).toEqual(["a!-_.*'()Z9", 'good'])
  expect(sink.requests.flatMap(({ headers }) => Object.keys(headers)).filter((name) => name.includes('evil'))).toEqual(
    [],
  )
  expect(sink.store.violations).toEqual([])
})

test('giant label values go through as they are', async () => {
  const [proxy, sink] = await start()
  const value = 'ü€𝄞'.repeat(2 * mebibyte)
  const series: SeriesInput[] = ['a', 'b'].map((tenant) => ({ labels: [['__name__', 'm'], ['giant', value], ['tenant', tenant]], samples: [[1, 1]] })) // biome-ignore format: one row
  expect((await post(proxy.pushUrl, bodyOf(series))).status).toBe(204)
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  for (const tenant of ['a', 'b']) {
    const [only] = [...sink.store.series(tenant).values()]
    expect(only?.labels.map(([name, text]) => [name, digest(text)])).toEqual([['__name__', digest('m')], ['giant', digest(value)]]) // biome-ignore format: one row
  }
})
