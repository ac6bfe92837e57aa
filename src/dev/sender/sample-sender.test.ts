import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { testSink } from '../../../test/support/test-sink.ts'
import type { Clock } from '../clock.ts'
import type { Sink } from '../sink/sink.ts'
import { expectedValue } from './sample-metrics.ts'
import { makeSampleSender, type SampleSender, type SampleSenderOptions } from './sample-sender.ts'

/** Sleeps take no time but are written down; each moves `now` on. */
const instantClock = (): Clock & { readonly slept: number[] } => {
  const slept: number[] = []
  let now = 1_750_000_000_000
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const headers = { 'x-scope-orgid': 'all' }
const senderTo = (options: SampleSenderOptions): SampleSender => {
  const sender = makeSampleSender(options)
  onTestFinished(() => sender.stop())
  return sender
}

test('a push is what a strict receiver takes: every sample is the one of the formula', async () => {
  const sink = await testSink()
  const clock = instantClock()
  const sender = senderTo({ url: sink.pushUrl, headers, clock })
  expect(await sender.push()).toBe('delivered')
  await sender.idle()

  expect(sink.store.violations).toEqual([])
  expect([...sink.store.metadata('all').keys()]).toEqual([
    'process_start_time_seconds',
    'shop_duration_seconds',
    'shop_open',
    'shop_queue_length',
    'shop_requests_total',
  ])
  const series = [...sink.store.series('all').values()]
  expect(series.length).toBe(48)
  for (const { labels, samples } of series) {
    const tenant = labels.find(([name]) => name === 'tenant')?.[1] ?? ''
    expect(samples.map(([tsMs, value]) => [tsMs, value])).toEqual([
      [clock.now(), expectedValue(tenant, labels, clock.now())],
    ])
  }
  expect(sender.stats).toMatchObject({
    pushes: 2,
    delivered: 2,
    samples: 48,
    samplesDelivered: 48,
    retries: 0,
    pending: 0,
  })
})

test('5xx, 429 and lost connections are retried with the same bytes, other answers are not', async () => {
  const sink = await testSink()
  const check = async (fault: Parameters<Sink['setFault']>[1], outcome: string, slept: number[]): Promise<void> => {
    sink.reset()
    sink.setFault('all', fault)
    const clock = instantClock()
    const sender = senderTo({ url: sink.pushUrl, headers, clock, metadataEvery: 0 })
    expect(await sender.push()).toBe(outcome)
    expect(clock.slept).toEqual(slept)
    expect(sender.stats.retries).toBe(slept.length)
    expect(new Set(sink.requests.map(({ bytes, firstSeries }) => JSON.stringify([bytes, firstSeries]))).size).toBe(1)
    expect(sink.requests.map((request) => request.headers['retry-attempt'])).toEqual(
      Array.from({ length: slept.length + 1 }, (_, n) => (n === 0 ? undefined : String(n))),
    )
    expect(sink.store.counts('all').samples).toBe(outcome === 'delivered' ? 48 : 0)
  }
  await check({ status: 500, times: 4 }, 'delivered', [30, 60, 120, 240])
  await check({ status: 503, times: 2, retryAfter: 7 }, 'delivered', [7000, 7000])
  await check({ status: 429, times: 1, retryAfter: 2 }, 'delivered', [2000])
  await check({ status: 503, times: 1, retryAfter: 'Sun, 15 Jun 2025 15:06:50 GMT' }, 'delivered', [10_000])
  await check({ status: 503, times: 1, retryAfter: 'soon' }, 'delivered', [30])
  await check({ reset: true, times: 1 }, 'delivered', [30])
  await check({ status: 400, body: 'out of order' }, 'refused', [])
  await check({ status: 302 }, 'refused', [])
})

test('an attempt that takes too long is given up and retried', async () => {
  const sink = await testSink()
  sink.setFault('all', { hang: true, times: 1 })
  const sender = senderTo({ url: sink.pushUrl, headers, clock: instantClock(), timeoutMs: 1000, metadataEvery: 0 })
  expect(await sender.push()).toBe('delivered')
  expect([...sender.stats.answers]).toEqual([[0, 1], [204, 1]]) // biome-ignore format: one row
  expect(sender.stats.lastError).toMatch(/^no answer: .*timeout/)
})

test('one push at a time by default; more if told to', async () => {
  let open = 0
  let most = 0
  const answers: (() => void)[] = []
  const server = createServer((request, response) => {
    most = Math.max(most, ++open)
    request.resume()
    answers.push(() => {
      open--
      response.writeHead(204).end()
    })
    if (answers.length === expected) release()
  })
  let expected = 1
  const release = (): void => {
    for (const answer of answers.splice(0)) answer()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const check = async (maxInFlight: number | undefined, want: number): Promise<void> => {
    most = 0
    expected = want
    const sender = senderTo({ url, metadataEvery: 0, ...(maxInFlight === undefined ? {} : { maxInFlight }) })
    await Promise.all(Array.from({ length: 6 }, () => sender.push()))
    expect(most).toBe(want)
  }
  await check(undefined, 1)
  await check(3, 3)
})

test('many retries at once are no reason for a warning', async () => {
  const warnings: Error[] = []
  const warn = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warn)
  onTestFinished(() => void process.off('warning', warn))
  const sink = await testSink()
  sink.setFault('all', { status: 500 })
  const sender = senderTo({ url: sink.pushUrl, headers, maxInFlight: 20, minBackoffMs: 60_000, metadataEvery: 0 })
  const outcomes = Promise.all(Array.from({ length: 20 }, () => sender.push()))
  await sink.until(({ requests }) => requests.length === 20)
  await sender.stop()
  expect(new Set(await outcomes)).toEqual(new Set(['dropped']))
  expect(warnings).toEqual([])
})

test('what waits is bounded: the oldest goes', async () => {
  const sink = await testSink()
  sink.setFault('all', { hang: true })
  const sender = senderTo({ url: sink.pushUrl, headers, maxQueued: 2, metadataEvery: 0 })
  const outcomes = [sender.push(), sender.push(), sender.push(), sender.push()]
  expect(await outcomes[1]).toBe('dropped')
  expect(sender.stats).toMatchObject({ dropped: 1, pending: 3 })
  await sender.stop()
  expect(await Promise.all(outcomes)).toEqual(['dropped', 'dropped', 'dropped', 'dropped'])
  expect(sender.stats).toMatchObject({ dropped: 4, pending: 0 })
  expect(await sender.push()).toBe('dropped')
})
