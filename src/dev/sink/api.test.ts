import { expect, onTestFinished, test } from 'vitest'
import { testSink } from '../../../test/support/test-sink.ts'
import { encodeHistogram, encodeLokiPush, encodeWriteRequest, snappyBlock } from '../encode.ts'
import { runSink } from './run-sink.ts'
import type { Sink } from './sink.ts'

const headers = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'x-scope-orgid': 'team-a',
  authorization: 'Bearer hush',
}

const filled = async (): Promise<Sink> => {
  const sink = await testSink({ now: () => 5 })
  const labels = [['__name__', 'up'] as const]
  const samples = [[Number.NaN, 1], [Number.POSITIVE_INFINITY, 2], [0.5, 3]] as const // biome-ignore format: one row
  const exemplars = [{ labels, value: 1, tsMs: 3 }]
  const metrics = encodeWriteRequest({
    series: [{ labels, samples, exemplars, histograms: [encodeHistogram(2, 1, 4)] }],
    metadata: [{ family: 'up', type: 2 }],
  })
  await fetch(sink.pushUrl, { method: 'POST', body: snappyBlock(metrics), headers })
  const logs = encodeLokiPush({ streams: [{ labels: '{a="b"}', entries: [{ tsNs: 2n ** 61n, line: 'x' }] }] })
  await fetch(sink.lokiUrl, { method: 'POST', body: snappyBlock(logs), headers })
  return sink
}

test('what arrived, as JSON', async () => {
  const sink = await filled()
  const get = async (path: string): Promise<unknown> => (await fetch(sink.url + path)).json()

  expect(await get('/api/tenants')).toEqual({
    tenants: [
      {
        tenant: 'team-a',
        series: 1,
        requests: 2,
        samples: 3,
        histograms: 1,
        exemplars: 1,
        entries: 1,
        duplicates: 0,
        outOfOrder: 0,
      },
    ],
    violations: { count: 0, first: [] },
    faults: {},
    truncated: false,
  })
  expect(await get('/api/tenants/team-a/series')).toEqual({
    total: 1,
    series: [
      {
        labels: [['__name__', 'up']],
        samples: [
          [1, 'NaN', '7ff8000000000000'],
          [2, '+Inf', '7ff0000000000000'],
          [3, '0.5', '3fe0000000000000'],
        ],
        exemplars: 1,
        histograms: [[4, expect.stringMatching(/^0802.*7804$/)]],
      },
    ],
  })
  expect(await get('/api/tenants/team-a/logs')).toEqual({
    total: 1,
    streams: [{ labels: '{a="b"}', entries: [{ tsNs: '2305843009213693952', line: 'x', metadata: [] }] }],
  })
  expect(await get('/api/tenants/team-a/metadata')).toEqual([{ family: 'up', type: 2, help: '', unit: '' }])
  expect(await get('/api/tenants/nobody/series')).toEqual({ total: 0, series: [] })
  expect(await get('/api/requests?limit=1')).toMatchObject([
    { index: 1, at: 5, path: '/loki/api/v1/push', status: 204, headers: { authorization: '<hidden>' } },
  ])
})

test('faults go on and off', async () => {
  const sink = await filled()
  const put = async (body: string): Promise<[number, string]> => {
    const answer = await fetch(`${sink.url}/api/faults/team-b`, { method: 'PUT', body })
    return [answer.status, await answer.text()]
  }
  const faults = async (): Promise<unknown> => (await fetch(`${sink.url}/api/faults`)).json()

  expect(await put('{"status":503,"retryAfter":3,"times":2}')).toEqual([204, ''])
  expect(await faults()).toEqual({ 'team-b': { status: 503, retryAfter: 3, times: 2 } })
  const push = { method: 'POST', body: snappyBlock(encodeWriteRequest({ metadata: [{ family: 'm' }] })) }
  const answer = await fetch(sink.pushUrl, { ...push, headers: { ...headers, 'x-scope-orgid': 'team-b' } })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3'])
  expect(await faults()).toEqual({ 'team-b': { status: 503, retryAfter: 3, times: 1 } })
  await fetch(`${sink.url}/api/faults/team-b`, { method: 'DELETE' })
  expect(await faults()).toEqual({})

  expect(await put('nonsense')).toEqual([400, 'a fault is an object\n'])
  expect(await put('{"status":99}')).toEqual([400, 'status must be a whole number from 200 to 599\n'])
  expect(await put('{"hang":1}')).toEqual([400, 'hang must be a boolean\n'])
  expect(await put('{"sleep":1}')).toEqual([
    400,
    'unknown key "sleep"; a fault has status, body, retryAfter, delayMs, hang, reset, store, refuse2, unread2, times\n',
  ])
})

test('ready, metrics, reset, and paths that are not there', async () => {
  const sink = await filled()
  expect((await fetch(`${sink.url}/-/ready`)).status).toBe(200)
  expect((await fetch(`${sink.url}/nothing`)).status).toBe(404)
  expect(await (await fetch(`${sink.url}/metrics`)).text()).toBe(`\
# HELP sluice_sink_samples_total Samples accepted.
# TYPE sluice_sink_samples_total counter
sluice_sink_samples_total{tenant="team-a"} 3
# HELP sluice_sink_histograms_total Native histograms accepted.
# TYPE sluice_sink_histograms_total counter
sluice_sink_histograms_total{tenant="team-a"} 1
# HELP sluice_sink_entries_total Log entries accepted.
# TYPE sluice_sink_entries_total counter
sluice_sink_entries_total{tenant="team-a"} 1
# HELP sluice_sink_duplicates_total Samples and entries that had been accepted before.
# TYPE sluice_sink_duplicates_total counter
sluice_sink_duplicates_total{tenant="team-a"} 0
# HELP sluice_sink_requests_total Pushes by the status answered; 0 where a fault took the answer away.
# TYPE sluice_sink_requests_total counter
sluice_sink_requests_total{tenant="team-a",status="204"} 2
# HELP sluice_sink_violations_total Rules broken by senders.
# TYPE sluice_sink_violations_total counter
sluice_sink_violations_total 0
`)
  expect((await fetch(`${sink.url}/api/reset`, { method: 'POST' })).status).toBe(204)
  expect([sink.store.tenants, sink.requests]).toEqual([[], []])
})

test('the command prints where it listens', async () => {
  const lines: string[] = []
  const sink = await runSink('127.0.0.1:0', (line) => lines.push(line))
  onTestFinished(() => sink.close())
  expect(lines).toEqual([
    `sluice sink: metrics ${sink.url}/api/v1/push  logs ${sink.url}/loki/api/v1/push  what arrived ${sink.url}/api/tenants`,
  ])
})
