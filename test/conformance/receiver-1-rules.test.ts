// The receiver's checklist of remote write 1.0, each MUST and SHOULD by its number in docs/remote-write.md: pushes of 1.0
// before backends of 1.x and of 2.0.

import { expect, test } from 'vitest'
import { encodeHistogram, encodeWriteRequest, type SeriesInput, snappyBlock } from '../../src/dev/encode.ts'
import { ProtoWriter } from '../../src/dev/proto-writer.ts'
import { at, series, write } from '../support/bodies.ts'
import { type Answer, ask } from '../support/in-process.ts'
import { startLeg } from '../support/sender-leg.ts'
import { startStrictReceiver } from '../support/strict-receiver.ts'

const of = (tenant: string, ...labels: string[]): SeriesInput => series('__name__=m', ...labels, `tenant=${tenant}`)
const writtenIn = ({ headers }: Answer) => Object.keys(headers).filter((name) => name.endsWith('-written'))

test('R1-1 R1-2 success: on each path 204 without a body, and without a version', async () => {
  const backend = await startStrictReceiver('1.x by 415')
  const { url } = await startLeg({ target: backend.url })
  for (const path of ['/push', '/api/v1/push', '/api/v1/push?x=1']) {
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'user-agent': 'x' }
    const answer = await ask(`${url}${path}`, { headers, body: write([of('a'), of('b')]) })
    expect([path, answer.status, answer.text]).toEqual([path, 204, ''])
    expect(answer.headers).not.toHaveProperty('x-prometheus-remote-write-version')
  }
  expect(backend.take().length).toBe(6)
})

test('R1-3 2xx is success, 5xx is to be repeated, 4xx never succeeds', async () => {
  const check = async (upstream: number | 'hang', want: number) => {
    const { push } = await startLeg({ timeout: '2s', say: ({ tenant }) => (tenant === 'b' ? upstream : 204) })
    expect([upstream, (await push(1, write([of('a'), of('b')]))).status]).toEqual([upstream, want])
  }
  await check(200, 204)
  await check(202, 204)
  await check(400, 400)
  await check(422, 400)
  await check(500, 500)
  await check(503, 503)
  await check(408, 504)
  await check(302, 502)
  await check('hang', 504)
  const { push } = await startLeg({ target: 'http://127.0.0.1:1/push' })
  expect((await push(1, write([of('a')]))).status).toBe(503)
  // Of one tenant alone its own 4xx; of a body that nobody can read, too.
  const alone = await startLeg({ say: () => 422 })
  expect((await alone.push(1, write([of('a')]))).status).toBe(422)
  expect((await alone.push(1, Buffer.from('corrupt'))).status).toBe(400)
  expect((await alone.push(1, snappyBlock(Buffer.from([0x0a, 0x7f])))).status).toBe(400)
})

test('R1-4 valid samples beside invalid ones are written, and the answer is 400 with why', async () => {
  const backend = await startStrictReceiver('1.x by 415')
  const { push } = await startLeg({ target: backend.url })
  const bad: readonly (readonly [why: RegExp, SeriesInput])[] = [
    [/no metric name/, series('job=x', 'tenant=b')],
    [/a label twice/, of('b', 'job=x', 'job=y')],
    [/99 counted/, { ...of('b'), samples: [], histograms: [Buffer.concat([encodeHistogram(1, 1, 1), Uint8Array.of(0x08, 99)])] }], // biome-ignore format: one line
    [/not UTF-8/, { ...of('b'), labels: [['__name__', Uint8Array.of(0xff)], ['tenant', 'b']] }], // biome-ignore format: one line
    [/missing_tenant \(1\)/, series('__name__=m')],
    [/invalid_tenant \(1\)/, of('|')],
    [/no_labels_left \(1\)/, series('tenant=b')],
  ]
  for (const [why, one] of bad) {
    const answer = await push(1, write([one, of('a')]))
    expect([why, answer.status, writtenIn(answer)]).toEqual([why, 400, []])
    expect(answer.text).toMatch(why)
    expect(backend.take().flatMap(({ tenant, lines }) => [tenant, ...lines]).slice(-2)).toEqual(expect.arrayContaining(['m 3ff0000000000000@1000'])) // biome-ignore format: one line
  }
})

test('R1-5 any sender of 1.x is read; what 1.x only tolerates reaches a backend of either version', async () => {
  const histogram = encodeHistogram(2, 3, 1)
  const exemplars = [{ labels: [['trace_id', 'x']] as const, value: 1, tsMs: 1 }]
  const whole = encodeWriteRequest({
    series: [
      { ...of('a', 'zone=z'), exemplars, extra: new ProtoWriter().int64(90, 1).finish() },
      { labels: [['tenant', 'a'], ['__name__', 'h']], histograms: [histogram] }, // biome-ignore format: one line
    ],
    metadata: [{ family: 'm', type: 2, help: 'Help.', unit: 'u' }],
    // Cortex: source and skip_label_name_validation.
    extra: new ProtoWriter().int64(2, 1).int64(1000, 1).finish(),
  })
  for (const speaks of ['1.x by 415', '2.0'] as const) {
    const backend = await startStrictReceiver(speaks)
    const { push } = await startLeg({ target: backend.url })
    for (const version of ['0.1.0', '0.0.1', '1.0', '']) {
      const answer = await push(1, snappyBlock(whole), { 'x-prometheus-remote-write-version': version })
      expect([answer.status, writtenIn(answer)]).toEqual([204, []])
      // Metadata goes by itself, to whom it concerns.
      const writings = backend.take()
      expect(new Set(writings.map(({ form, tenant }) => `${form} ${tenant}`))).toEqual(new Set(['1 a']))
      expect(writings.flatMap(({ lines }) => lines).sort()).toEqual([
        `h histogram ${Buffer.from(histogram).toString('hex')}`,
        'm is 2 ["Help.","u"]',
        'm{zone="z"} 3ff0000000000000@1000',
        'm{zone="z"} exemplar {trace_id="x"} 1@1',
        'm{zone="z"} unknown d00501',
        'unknown 1001',
        'unknown c03e01',
      ])
    }
    expect(backend.broken).toEqual([])
  }
})

test('a sender of 1.x hears nothing of what was written, though its push went out as 2.0', async () => {
  const backend = await startStrictReceiver('2.0')
  const rows =
    "tenancy: { labels: [tenant], keep_label: false, override: [{ tenants: ['*'], protobuf_message: io.prometheus.write.v2.Request }] }"
  for (const queue of [false, true]) {
    const { push } = await startLeg({ target: backend.url, rows, queue })
    const answer = await push(1, write([at(1, of('a')), at(2, of('b'))]))
    expect([answer.status, writtenIn(answer)]).toEqual([204, []])
    const refused = await push(1, write([at(3, of('a')), series('job=x', 'tenant=b')]))
    expect([refused.status, writtenIn(refused)]).toEqual([400, []])
    expect(backend.take().map(({ form }) => form)).toEqual([2, 2, 2, 2])
  }
})
