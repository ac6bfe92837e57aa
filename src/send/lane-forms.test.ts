import { expect, test } from 'vitest'
import type { ProtobufMessage } from '../config/tenancy-settings.ts'
import { decodeWriteRequest, encodeHistogram, encodeWriteRequest, snappyBlock } from '../dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../dev/encode-v2.ts'
import { createRegistry } from '../telemetry/registry.ts'
import { toRemoteWrite1 } from '../wire/convert/to-v1.ts'
import type { HttpRequest, HttpResponse } from '../wire/message.ts'
import { uncompress } from '../wire/snappy.ts'
import { Forms } from './forms.ts'
import { Lane, type Shipment } from './lane.ts'
import { Scheduler } from './scheduler.ts'

const written = (samples: number, histograms: number, exemplars: number) => ({
  'x-prometheus-remote-write-samples-written': String(samples),
  'x-prometheus-remote-write-histograms-written': String(histograms),
  'x-prometheus-remote-write-exemplars-written': String(exemplars),
})

/** Headers of the answer to a 2.0 body, or a status; to one of 1.0 a status. */
interface Upstream {
  readonly to2: number | Record<string, string>
  readonly to1?: number
}

function bench({ to2, to1 = 204 }: Upstream, protobufMessage?: ProtobufMessage) {
  const clock = { now: 0 }
  const now = () => clock.now
  const registry = createRegistry({ includeTenant: true, processMetrics: false })
  const seen: HttpRequest[] = []
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    seen.push(request)
    clock.now += 100
    const is2 = request.headers['content-type']!.endsWith('v2.Request')
    const told = is2 ? to2 : to1
    const isStatus = typeof told === 'number'
    return { status: isStatus ? told : 204, headers: isStatus ? {} : told, body: new Uint8Array(0) }
  }
  const scheduler = new Scheduler({ limit: 10, now, tenants: () => 1 })
  const { meter } = registry
  const own = { signal: 'metrics', tenantHeader: 'X-Scope-OrgID', maxInFlightPerTenant: 0 } as const
  const target = { url: 'http://up/', headers: {}, timeoutMs: 1000, rateLimit: { samplesPerSecond: 0, burst: 0 } }
  const lane = new Lane(
    'a',
    { ...target, ...(protobufMessage && { protobufMessage }) },
    { ...own, send, scheduler, meter, now, wallClock: now, forms: new Forms(now) },
  )
  const tally = (...args: Parameters<typeof meter.tally>) => meter.tally(...args).value
  return { lane, seen, tally, deliver: (shipment: Shipment) => lane.deliver(shipment) }
}

const series: SeriesInput2 = {
  labels: [
    ['__name__', 'm'],
    ['k', 'v'],
  ],
  samples: [[1, 1000, 500]],
  exemplars: [{ labels: [['trace_id', 't']], value: 1, tsMs: 1000 }],
}

const two = (
  all: readonly SeriesInput2[] = [series],
  holds = { samples: 1, histograms: 0, exemplars: 1 },
): Shipment => ({
  body: snappyBlock(encodeRequest2({ series: all })),
  protocol: 'remote-write-2',
  samples: holds.samples + holds.histograms,
  written: holds,
  travelling: { 'user-agent': 'S/1' },
})

const one: Shipment = {
  body: snappyBlock(encodeWriteRequest({ series: [{ labels: [['__name__', 'm']], samples: [[1, 1000]] }] })),
  protocol: 'remote-write-1',
  samples: 1,
  travelling: { 'user-agent': 'S/1' },
}

const headersOf = (message: 1 | 2) => ({
  'content-encoding': 'snappy',
  'content-type':
    message === 2 ? 'application/x-protobuf;proto=io.prometheus.write.v2.Request' : 'application/x-protobuf',
  'x-prometheus-remote-write-version': message === 2 ? '2.0.0' : '0.1.0',
  'x-scope-orgid': 'a',
  'user-agent': 'S/1',
})

test('each form goes out as it came, with its own headers', async () => {
  const { deliver, seen } = bench({ to2: written(1, 0, 1) })
  const shipments = [two(), one]
  for (const shipment of shipments) await deliver(shipment)
  expect(seen.map(({ headers }) => headers)).toEqual([headersOf(2), headersOf(1)])
  expect(seen.map(({ body }) => body)).toEqual(shipments.map(({ body }) => body))
})

test('what upstream confirms is told, of refusals too; the rest counts as failed', async () => {
  const check = async (to2: Upstream['to2'], want: object | undefined, delivered: number, failed: number) => {
    const { deliver, tally } = bench({ to2, to1: 400 })
    const answer = await deliver(two([series, series], { samples: 2, histograms: 0, exemplars: 2 }))
    expect(answer.written).toEqual(want)
    expect(tally('sluice_tenant_samples_total', { tenant: 'a', signal: 'metrics' })).toBe(delivered)
    const labels = { tenant: 'a', signal: 'metrics', reason: 'unconfirmed' }
    expect(tally('sluice_tenant_samples_failed_total', labels)).toBe(failed)
  }
  await check(written(2, 0, 2), { samples: 2, histograms: 0, exemplars: 2 }, 2, 0)
  await check(written(1, 0, 0), { samples: 1, histograms: 0, exemplars: 0 }, 1, 1)
  // Whoever counts only some has counted.
  await check({ 'x-prometheus-remote-write-samples-written': '2' }, { samples: 2, histograms: 0, exemplars: 0 }, 2, 0)
  await check(
    { ...written(2, 0, 0), 'x-prometheus-remote-write-exemplars-written': '-1' },
    { samples: 2, histograms: 0, exemplars: 0 },
    2,
    0,
  )
  await check(202, { samples: 2, histograms: 0, exemplars: 2 }, 2, 0)
  await check(503, undefined, 0, 0)
})

test('415: the same in 1.0 within one attempt and its time; all of it counts as written', async () => {
  const { deliver, lane, seen, tally } = bench({ to2: 415 })
  const shipment = two()
  const answer = await deliver(shipment)
  expect(answer).toMatchObject({ status: 204, written: { samples: 1, histograms: 0, exemplars: 1 } })
  expect(seen.map(({ headers }) => headers)).toEqual([headersOf(2), headersOf(1)])
  expect(seen.map(({ timeoutMs }) => timeoutMs)).toEqual([1000, 900])
  const { body } = toRemoteWrite1(uncompress(shipment.body, 1 << 20))
  expect(Buffer.compare(uncompress(seen[1]!.body, 1 << 20), body)).toBe(0)
  expect([lane.requests['4xx'], lane.requests['2xx'], lane.failingSince, lane.lastError]).toEqual([
    1,
    1,
    undefined,
    undefined,
  ])
  expect(tally('sluice_remote_write_fallbacks_total')).toBe(1)
  expect(tally('sluice_upstream_sent_bytes_total', { signal: 'metrics' })).toBe(
    seen.reduce((sum, request) => sum + request.body.length, 0),
  )
  // It is known by now.
  await deliver(shipment)
  expect(seen.length).toBe(3)
  expect(tally('sluice_remote_write_fallbacks_total')).toBe(1)
})

test('what settings ask for: always 1.0, always 2.0', async () => {
  const to1 = bench({ to2: 500 }, 'prometheus.WriteRequest')
  for (const shipment of [two(), one]) expect((await to1.deliver(shipment)).status).toBe(204)
  expect(to1.seen.map(({ headers }) => headers)).toEqual([headersOf(1), headersOf(1)])
  const to2 = bench({ to2: written(1, 0, 0), to1: 500 }, 'io.prometheus.write.v2.Request')
  for (const shipment of [two(), one]) expect((await to2.deliver(shipment)).status).toBe(204)
  expect(to2.seen.map(({ headers }) => headers)).toEqual([headersOf(2), headersOf(2)])
  // Nobody who sent 1.0 is told counts; upstream's say what was delivered all the same.
  expect((await to2.deliver(one)).written).toBeUndefined()
  expect(to2.lane.delivered).toBe(3)
})

test('what the other form can’t carry is counted once it is delivered, and not as written', async () => {
  const custom = Buffer.concat([encodeHistogram(1, 1, 1), Buffer.from([0x20, 105])])
  const all: SeriesInput2[] = [
    { ...series, metadata: { type: 1, help: 'h' } },
    { labels: [['__name__', 'h']], histograms: [custom] },
  ]
  const shipment = two(all, { samples: 1, histograms: 1, exemplars: 1 })
  const count = (tally: ReturnType<typeof bench>['tally']) => [
    tally('sluice_dropped_total', { signal: 'metrics', reason: 'nhcb_in_rw1_not_supported' }),
    tally('sluice_dropped_samples_total', { signal: 'metrics', tenant: 'a', reason: 'nhcb_in_rw1_not_supported' }),
    tally('sluice_remote_write_conversion_lost_total', { tenant: 'a', reason: 'start_timestamp' }),
    tally('sluice_tenant_samples_total', { tenant: 'a', signal: 'metrics' }),
  ]
  const taken = bench({ to2: 415 })
  expect((await taken.deliver(shipment)).written).toEqual({ samples: 1, histograms: 0, exemplars: 1 })
  expect(count(taken.tally)).toEqual([1, 1, 1, 1])
  expect(decodeWriteRequest(uncompress(taken.seen[1]!.body, 1 << 20)).metadata).toMatchObject([
    { family: 'm', help: 'h' },
  ])
  const failing = bench({ to2: 415, to1: 503 })
  expect((await failing.deliver(shipment)).written).toBeUndefined()
  expect(count(failing.tally)).toEqual([0, 0, 0, 0])
})

test('nothing is left in the other form: no request, and it is said that nothing was written', async () => {
  const custom = Buffer.concat([encodeHistogram(1, 1, 1), Buffer.from([0x20, 105])])
  const shipment = two([{ labels: [['__name__', 'h']], histograms: [custom] }], {
    samples: 0,
    histograms: 1,
    exemplars: 0,
  })
  const { deliver, seen, tally } = bench({ to2: 415 }, 'prometheus.WriteRequest')
  expect(await deliver(shipment)).toMatchObject({ status: 204, written: { samples: 0, histograms: 0, exemplars: 0 } })
  expect(seen).toEqual([])
  expect(tally('sluice_dropped_total', { signal: 'metrics', reason: 'nhcb_in_rw1_not_supported' })).toBe(1)
})

test('nothing is left of 1.0 either; what was not sent teaches nothing of upstream', async () => {
  const labels = series.labels!
  const exemplars = encodeWriteRequest({ series: [{ labels, exemplars: series.exemplars! }] })
  const { deliver, seen } = bench({ to2: written(1, 0, 1) }, 'io.prometheus.write.v2.Request')
  expect(await deliver({ ...one, body: snappyBlock(exemplars), samples: 0 })).toMatchObject({ status: 204 })
  expect(seen).toEqual([])
  await deliver(two())
  expect(seen.map(({ headers }) => headers)).toEqual([headersOf(2)])
})

test('what upstream refuses stays refused where nothing of it can be sent in the other form', async () => {
  const custom = Buffer.concat([encodeHistogram(1, 1, 1), Buffer.from([0x20, 105])])
  const only = two([{ labels: [['__name__', 'h']], histograms: [custom] }], { samples: 0, histograms: 1, exemplars: 0 })
  const { deliver, seen } = bench({ to2: 400 })
  expect(await deliver(only)).toMatchObject({ status: 400 })
  await deliver(two())
  expect(seen.map(({ headers }) => headers['content-type'])).toEqual(
    [2, 2, 1].map((form) => headersOf(form as 1 | 2)['content-type']),
  )
})

test('a body that can’t be converted is refused for good, and not sent', async () => {
  const { deliver, seen } = bench({ to2: 415 }, 'prometheus.WriteRequest')
  const { status, text } = await deliver({ ...two(), body: snappyBlock(Buffer.from([0x22])) })
  expect([status, seen.length]).toEqual([400, 0])
  expect(text).not.toBe('')
})
