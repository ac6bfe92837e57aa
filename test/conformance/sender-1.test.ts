// The sender suite of remote write 1 (prometheus/compliance 7667b56, remotewrite/sender/cases): the cases about headers,
// order, timestamps and retries, by their names, on what Sluice sends of what it was pushed; and the rest of the
// checklist of 1.0 for senders (S1-…, in docs/remote-write.md). The cases about scraped pages come with scraping.

import { expect, test } from 'vitest'
import { encodeHistogram, type SeriesInput, STALE_MARKER } from '../../src/dev/encode.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { at, series, write } from '../support/bodies.ts'
import { itemsOf, type Leg, startLeg } from '../support/sender-leg.ts'

const body = (tsMs: number, ...tenants: string[]) =>
  write((tenants.length === 0 ? ['a'] : tenants).map((tenant) => at(tsMs, series('__name__=now', `tenant=${tenant}`))))

/** Runs it by lanes that answer, and by lanes that store. */
async function byBoth(run: (queue: boolean) => Promise<void>): Promise<void> {
  for (const queue of [false, true]) await run(queue)
}

test('Headers (S1-1, S1-2): POST, and each header as 1.0 has it, whatever the sender’s own were like', () =>
  byBoth(async (queue) => {
    const { legs, push } = await startLeg({ queue })
    const odd = {
      'content-type': ' Application/X-Protobuf; proto="prometheus.WriteRequest"',
      'content-encoding': 'Snappy',
    }
    for (const headers of [{}, odd, { 'x-prometheus-remote-write-version': '0.9' }])
      expect((await push(1, body(legs.length + 1), headers)).status).toBe(204)
    for (const { method, headers } of legs) {
      expect(method).toBe('POST')
      expect(headers).toMatchObject({
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'sender/1',
      })
    }
    expect(legs.length).toBe(3)
  }))

test('S1-2, S2-7: a User-Agent of Sluice’s own where the sender has none', async () => {
  const { legs, push } = await startLeg()
  await push(1, body(1), { 'user-agent': '' })
  expect(legs[0]!.headers['user-agent']).toMatch(/^Sluice\/\S+$/)
})

test('S1-3, S2-3: reserved headers can’t be set', async () => {
  const check = async (name: string) =>
    await expect(startLeg({ rows: `client: { headers: { ${name}: x } },` })).rejects.toThrow(/must not be changed/)
  await check('Content-Encoding')
  await check('content-type')
  await check('User-Agent')
  await check('X-Prometheus-Remote-Write-Version')
  const { legs, push } = await startLeg({ rows: 'client: { headers: { X-Custom: x } },' })
  await push(1, body(1))
  expect(legs[0]!.headers['x-custom']).toBe('x')
})

test('S1-1, S1-4, S1-6, S1-11: a WriteRequest in a snappy block, every label but the tenant’s, values and stale markers bit for bit', () =>
  byBoth(async (queue) => {
    const { legs, push } = await startLeg({ queue })
    const one: SeriesInput = {
      labels: [
        ['__name__', 'm'],
        ['a', 'ä'],
        ['tenant', 'a'],
        ['z', '1'],
      ],
      samples: [
        [STALE_MARKER, -1],
        [0x7ff8000000000001n, 0],
        [-0, 1_790_000_000_000],
      ],
      histograms: [encodeHistogram(1, 2, 3)],
      exemplars: [{ labels: [['trace_id', 't']], value: 1, tsMs: 1 }],
    }
    expect((await push(1, write([one]))).status).toBe(204)
    const [{ body: sent, content }] = legs as [Leg]
    expect(sent.subarray(0, 10)).not.toEqual(Buffer.from('ff060000734e61507059', 'hex'))
    const whole = write([{ ...one, labels: one.labels.filter(([name]) => name !== 'tenant') }])
    expect(Buffer.compare(uncompress(sent, 1 << 20), uncompress(whole, 1 << 20))).toBe(0)
    expect(content.series[0]!.samples.map(({ bits, tsMs }) => [bits, tsMs])).toEqual([
      [STALE_MARKER, -1],
      [0x7ff8000000000001n, 0],
      [0x8000000000000000n, 1_790_000_000_000],
    ])
  }))

test('S1-5: what an answer says on success is ignored, and so are its version headers', () =>
  byBoth(async (queue) => {
    const headers = { 'x-prometheus-remote-write-version': '2.0.0', 'x-prometheus-remote-write-samples-written': '0' }
    const { legs, push, metric } = await startLeg({ queue, say: () => ({ status: 200, text: 'error: 500', headers }) })
    for (const ts of [1, 2]) expect((await push(1, body(ts))).status).toBe(200)
    expect(legs.map(({ form }) => form)).toEqual([1, 1])
    expect(await metric('sluice_tenant_samples_total{tenant="a",signal="metrics"}')).toBe(2)
  }))

test('S1-8: the text of a refusal is told as it is, to the log and to the sender, and read for nothing', async () => {
  const text = 'err="duplicate sample": retry with HTTP 503'
  const { legs, log, push } = await startLeg({ say: () => ({ status: 400, text }) })
  const answer = await push(1, body(1))
  expect([answer.status, answer.text.includes(text), legs.length]).toEqual([400, true, 1])
  expect(log.some((line) => JSON.parse(line).error?.includes(text))).toBe(true)
})

test('Ordering (S1-9): 1000 series, delays at random, some refused for now: every series in order', () =>
  byBoth(async (queue) => {
    let seed = 7
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    let out = 0
    let most = 0
    const taken: Leg[] = []
    const { push, drained } = await startLeg({
      queue,
      say: async (leg) => {
        most = Math.max(most, ++out)
        await new Promise((resolve) => setTimeout(resolve, random() * 30))
        out--
        if (random() < 0.2) return 500
        taken.push(leg)
        return 204
      },
    })
    for (let ts = 1; ts <= 12; ts++) {
      const sent = write(
        Array.from({ length: 1000 }, (_, i) => at(ts, series('__name__=test', `i=${i}`, `tenant=t${i % 4}`))),
      )
      // A sender repeats what it is not told to have been taken; a queue has it by then.
      while ((await push(1, sent)).status !== 204);
    }
    if (queue) await drained()
    const last = new Map<string, number>()
    for (const { content } of taken) {
      for (const { labels, samples } of content.series) {
        const key = labels.flat().join(' ')
        for (const { tsMs } of samples) {
          expect(tsMs).toBeGreaterThan(last.get(key) ?? 0)
          last.set(key, tsMs)
        }
      }
    }
    expect([last.size, new Set(last.values())]).toEqual([1000, new Set([12])])
    // Tenants at once.
    expect(most).toBeGreaterThan(1)
  }))

test('Timestamp: within the time of the test, and rising over the whole stream', () =>
  byBoth(async (queue) => {
    const { legs, push } = await startLeg({ queue })
    const start = Date.now()
    for (let n = 0; n < 20; n++) expect((await push(1, body(Date.now()))).status).toBe(204)
    const times = legs.flatMap(({ content }) =>
      content.series.flatMap(({ samples }) => samples.map(({ tsMs }) => tsMs)),
    )
    expect(times.length).toBe(20)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(start)
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now())
  }))

test('Retries500 (S1-10): what the first request carried comes again, and is then not sent a third time', async () => {
  for (const status of [500, 503]) {
    const queued = await startLeg({ queue: true, say: (_leg, nth) => (nth === 1 ? status : 204) })
    expect((await queued.push(1, body(1))).status).toBe(204)
    await queued.came(2)
    await queued.drained()
    expect((await queued.push(1, body(2))).status).toBe(204)
    expect(queued.legs.map(itemsOf)).toEqual([['now@1'], ['now@1'], ['now@2']])
    // With a pause: min_backoff is 20 ms, less a fifth.
    expect(queued.legs[1]!.at - queued.legs[0]!.at).toBeGreaterThan(14)
    // Where lanes answer the sender repeats, and only what failed goes again.
    const direct = await startLeg({ say: ({ tenant }, nth) => (tenant === 'b' && nth < 3 ? status : 204) })
    expect((await direct.push(1, body(1, 'a', 'b'))).status).toBe(status)
    expect((await direct.push(1, body(1, 'a', 'b'))).status).toBe(204)
    expect(direct.legs.map(({ tenant }) => tenant).sort()).toEqual(['a', 'b', 'b'])
  }
})

test('Retries400 (S1-10): what was refused for good does not come again', () =>
  byBoth(async (queue) => {
    for (const status of [400, 403, 404, 413, 415, 422]) {
      const { legs, push } = await startLeg({ queue, say: (_leg, nth) => (nth === 1 ? status : 204) })
      expect((await push(1, body(1))).status).toBe(status)
      expect((await push(1, body(2))).status).toBe(204)
      expect(legs.map(itemsOf)).toEqual([['now@1'], ['now@2']])
    }
  }))

test('S1-10: 429 is tried again, after its Retry-After; a 2xx never', async () => {
  const { legs, push, came, drained } = await startLeg({
    queue: true,
    say: (_leg, nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': '1' } } : 202),
  })
  expect((await push(1, body(1))).status).toBe(204)
  await came(2)
  await drained()
  expect(legs.map(itemsOf)).toEqual([['now@1'], ['now@1']])
  expect(legs[1]!.at - legs[0]!.at).toBeGreaterThan(990)
})
