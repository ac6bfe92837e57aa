// The receiver's checklist of remote write 2.0 (spec 2.0-rc.4), each MUST and SHOULD by its number in
// docs/remote-write.md. What it says of content negotiation is in receiver-negotiation.test.ts.

import { expect, test } from 'vitest'
import { encodeHistogram, snappyBlock } from '../../src/dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../../src/dev/encode-v2.ts'
import { ProtoWriter } from '../../src/dev/proto-writer.ts'
import type { Answer } from '../support/in-process.ts'
import { allWritten2, request2, series2, written2 } from '../support/request-2.ts'
import { itemsOf, type Say, startLeg } from '../support/sender-leg.ts'
import { type Speaks, startStrictReceiver } from '../support/strict-receiver.ts'

const of = (tenant: string, more: Partial<SeriesInput2> = {}): SeriesInput2 => ({
  ...series2(1, '__name__=m', `tenant=${tenant}`),
  ...more,
})
const exemplar = { labels: [['trace_id', 'x']] as const, value: 1, tsMs: 1 }
const toldOf = ({ status, headers }: Answer) => [
  status,
  ...['samples', 'histograms', 'exemplars'].map((one) => headers[`x-prometheus-remote-write-${one}-written`]),
]
/** A tenant's answers in order, then 204; of 2.0 it counts all where it takes it. */
const saying =
  (of: Readonly<Record<string, readonly ReturnType<Say>[]>>): Say =>
  ({ tenant }) =>
    (of[tenant] as ReturnType<Say>[] | undefined)?.shift() ?? 204

/** Of a receiver of 2.0, which counts in refusals too. */
const refusal = (status: number) => ({ status, headers: written2(0) })

async function before(speaks: Speaks) {
  const backend = await startStrictReceiver(speaks)
  return { backend, ...(await startLeg({ target: backend.url })) }
}

test('R2-1 R2-3 all is written: 204 without a body, whatever kind of backend', async () => {
  for (const speaks of ['2.0', '1.x by 415', '1.x by 400', '1.x by 204'] as const) {
    const { push } = await before(speaks)
    const answer = await push(2, request2([of('a', { exemplars: [exemplar] }), of('b')]))
    expect([speaks, ...toldOf(answer), answer.text]).toEqual([speaks, 204, '2', '0', '1', ''])
  }
  // What upstream says with a 200 is its own.
  const all = (body: Uint8Array) => ({ status: 200, text: 'Ok', headers: allWritten2(body) })
  const { push } = await startLeg({ say: ({ body }) => all(body) })
  expect(await push(2, request2([of('a')]))).toMatchObject({ status: 200, text: 'Ok' })
})

/** Bad series of tenant b, by what its sender is told; who judges is Sluice where references are bad, else upstream. */
const bad: readonly (readonly [why: RegExp, SeriesInput2])[] = [
  [/malformed \(1\).*odd number of label references/, { labelRefs: [1, 2, 3], samples: [[1, 1]] }],
  [/label reference 77 is outside of the symbols table/, { labelRefs: [1, 77], samples: [[1, 1]] }],
  [/symbols table/, of('b', { extra: field(5, 3) })],
  [/symbols table/, of('b', { extra: field(5, 4) })],
  [/symbols table/, of('b', { extra: field(4, 1) })],
  [/no metric name/, series2(1, 'job=x', 'tenant=b')],
  [/no metric name/, series2(1, '__name__=', 'tenant=b')],
  [/a label twice/, series2(1, '__name__=m', 'job=x', 'job=y', 'tenant=b')],
  [/not UTF-8/, { labels: [['__name__', Uint8Array.of(0xff)], ['tenant', 'b']], samples: [[1, 1]] }], // biome-ignore format: one line
  [/neither sample nor histogram/, of('b', { samples: [] })],
  [/both samples and histograms/, of('b', { histograms: [encodeHistogram(1, 1, 1)] })],
  [/99 counted/, of('b', { samples: [], histograms: [Buffer.concat([encodeHistogram(1, 1, 1), Uint8Array.of(0x08, 99)])] })], // biome-ignore format: one line
  [/invalid_tenant \(1\)/, of('|')],
]
/** A message in which a reference leads to symbol 99. */
function field(of: number, reference: number): Uint8Array {
  const w = new ProtoWriter()
  return w.message(of, () => w.int64(reference, 99)).finish()
}

test('R2-4 R2-6 R1-4 what is invalid is refused with 400 that says how much and why; what is valid beside it is written', async () => {
  const { backend, push } = await before('2.0')
  for (const [why, series] of bad) {
    const answer = await push(2, request2([of('a'), series]))
    expect([why, ...toldOf(answer)]).toEqual([why, 400, '1', '0', '0'])
    expect(answer.text).toMatch(why)
    expect(answer.text).toMatch(/^(1 of 2 tenants failed|1 series rejected)\n/)
    expect(backend.take().flatMap(({ tenant, lines }) => lines.map((line) => `${tenant}: ${line}`))).toEqual([
      'a: m 3ff0000000000000@1',
    ])
  }
  expect(backend.broken).toEqual([])
})

test('R2-5 R2-6 of a partial write, what was written is told with every kind of failure', async () => {
  const body = request2([of('a', { exemplars: [exemplar] }), of('b')])
  for (const [status, want] of [
    [400, 400],
    [404, 400],
    [413, 400],
    [429, 429],
    [500, 500],
    [503, 503],
    // 408 and redirects are failures to be repeated.
    [408, 504],
    [301, 502],
  ] as const) {
    const { push } = await startLeg({ say: saying({ b: [refusal(status)] }) })
    expect([status, ...toldOf(await push(2, body))]).toEqual([status, want, '1', '0', '1'])
  }
  const { push } = await startLeg({ timeout: '2s', say: saying({ b: ['hang'] }) })
  expect(toldOf(await push(2, body))).toEqual([504, '1', '0', '1'])
})

test('R2-6 4xx but 429 is said only where nothing is left that a repeat could write', async () => {
  const body = request2([of('a'), of('b'), of('c')])
  const check = async (a: number, b: number, want: number) => {
    const { push } = await startLeg({ say: saying({ a: [refusal(a)], b: [refusal(b)] }) })
    expect((await push(2, body)).status).toBe(want)
  }
  await check(400, 503, 503)
  await check(400, 429, 429)
  await check(429, 500, 500)
  await check(400, 422, 400)
})

test('R2-7 429 and 5xx come with the longest Retry-After that upstream asked for', async () => {
  const say = (status: number, retry: string) => ({ status, headers: { 'retry-after': retry, ...written2(0) } })
  const { push } = await startLeg({ say: saying({ a: [say(429, '3')], b: [say(503, '7')], c: [say(400, '20')] }) })
  expect(await push(2, request2([of('a'), of('b'), of('c')]))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '7' },
  })
})

const sample = (...start: number[]): Buffer => Buffer.from([0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 1, ...start])

test('R2-8 a start timestamp of 0 is none; series without one, and metadata of no type, are taken', async () => {
  const withSample = (bytes: Buffer): SeriesInput2 =>
    of('a', { samples: [], extra: Buffer.concat([Uint8Array.of(0x12, bytes.length), bytes]) })
  const untyped = of('a', { metadata: { help: 'Of no type.' } })
  const lost = 'sluice_remote_write_conversion_lost_total{tenant="a",reason="start_timestamp"}'
  for (const speaks of ['2.0', '1.x by 415'] as const) {
    const { backend, push, metric } = await before(speaks)
    const check = async (series: SeriesInput2, line: string, lostByNow: number) => {
      expect(toldOf(await push(2, request2([series])))).toEqual([204, '1', '0', '0'])
      expect(backend.take().flatMap(({ lines }) => lines)).toContain(line)
      expect(await metric(lost)).toBe(speaks === '2.0' ? 0 : lostByNow)
    }
    const plain = 'm 3ff0000000000000@1'
    await check(withSample(sample()), plain, 0)
    await check(withSample(sample(0x18, 0)), plain, 0)
    await check(untyped, plain, 0)
    await check(untyped, 'm is 0 ["Of no type.",""]', 0)
    // 1 and -1 stand for the beginning of time itself. And the field of early 2.0, which is the series'.
    await check(withSample(sample(0x18, 1)), speaks === '2.0' ? `${plain} since 1` : plain, 1)
    await check(of('a', { extra: Uint8Array.of(0x30, 1) }), speaks === '2.0' ? 'm unknown 3001' : plain, 2)
  }
})

test('R2-9 5xx after a partial write: the resent whole is written once, and all of it told', async () => {
  const { legs, push } = await startLeg({ say: saying({ b: [503, 429] }) })
  const body = request2([of('a'), of('b', { exemplars: [exemplar] })])
  expect(toldOf(await push(2, body))).toEqual([503, '1', '0', '0'])
  expect(toldOf(await push(2, body))).toEqual([429, '1', '0', '0'])
  expect(toldOf(await push(2, body))).toEqual([204, '2', '0', '1'])
  expect(legs.map((leg) => `${leg.tenant} ${itemsOf(leg)}`).sort()).toEqual(['a m@1', 'b m@1', 'b m@1', 'b m@1'])
})

test('R2-10 any sender of 2.x is read, good or bad at symbols, and its parts are good', async () => {
  const { backend, push, url } = await before('2.0')
  const symbols = ['', '__name__', 'm', 'tenant', 'a']
  const refs = [1, 2, 3, 4]
  const samples: SeriesInput2['samples'] = [[1, 1]]
  const bodies: Record<string, Uint8Array> = {
    usual: encodeRequest2({ series: [of('a')] }),
    'labels not sorted': encodeRequest2({ series: [series2(1, 'tenant=a', '__name__=m')] }),
    'references not packed': encodeRequest2({
      symbols,
      series: [{ labelRefs: [], samples, extra: refs.reduce((w, one) => w.int64(1, one), new ProtoWriter()).finish() }],
    }),
    'symbols after series': Buffer.concat([
      encodeRequest2({ symbols: [], series: [{ labelRefs: refs, samples }] }),
      encodeRequest2({ symbols }),
    ]),
    'symbols twice, and unused ones': encodeRequest2({
      symbols: [...symbols, 'idle', ...symbols],
      series: [
        { labelRefs: [7, 8, 3, 10], samples },
        { labelRefs: [1, 2, 9, 4], samples: [[1, 2]] },
      ],
    }),
    'fields of a later 2.x': encodeRequest2({ series: [of('a')], extra: Uint8Array.of(0x90, 0x03, 7) }),
  }
  for (const [what, body] of Object.entries(bodies)) {
    const lines = (what.startsWith('symbols twice') ? [1, 2] : [1]).map((ts) => `m 3ff0000000000000@${ts}`)
    expect([what, ...toldOf(await push(2, snappyBlock(body)))]).toEqual([what, 204, String(lines.length), '0', '0'])
    const writings = backend.take()
    const more = what.startsWith('fields') ? ['unknown 900307'] : []
    expect([what, writings.flatMap((writing) => writing.lines)]).toEqual([what, [...lines, ...more]])
    expect([what, backend.broken]).toEqual([what, []])
  }
  // Without the empty symbol, absent help would be whatever is there: that is no 2.x.
  const none = encodeRequest2({ symbols: ['m', '__name__', 'tenant', 'a'], series: [{ labelRefs: [1, 0, 2, 3], samples }] }) // biome-ignore format: one line
  expect(await push(2, snappyBlock(none))).toMatchObject({ status: 400, text: expect.stringContaining('first symbol') })
  const chunked = await fetch(`${url}/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf; proto=io.prometheus.write.v2.Request', 'user-agent': 'x' },
    body: new Blob([snappyBlock(bodies.usual!)]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(chunked.status).toBe(204)
})
