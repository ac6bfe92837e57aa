// What cortex-tenant's own tests say about POST /push and about what is behind it: cases T13 to T24. The inner ones are
// asked of the public function that splits a body. Without a word about a difference in its title a case is equal.

import { expect, test } from 'vitest'
import type { SeriesInput } from '../../src/dev/encode.ts'
import { decodeWriteRequest, encodeWriteRequest, snappyBlock } from '../../src/dev/encode.ts'
import { EVERY_TENANT } from '../../src/dev/sink/fault.ts'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import { splitByTenant } from '../../src/index.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { series, write } from '../support/bodies.ts'
import { startInProcess } from '../support/in-process.ts'

const labels = ['__tenant__', '__foo__', '__bar__']
const configured = (more = ''): string =>
  `timeout: 3s\ntenant: { label_list: [${labels}], label_remove: true, default: default${more} }\n`

const foobar: SeriesInput = { labels: [['__tenant__', 'foobar']], samples: [[123, 456]] }
const foobaz: SeriesInput = { labels: [['__tenant__', 'foobaz']], samples: [[789, 101112]] }
const neither: SeriesInput = { labels: [['__tenantXXX', 'foobaz']] }
const bare = write([foobar, foobaz])
/** The same with a label that removal leaves. */
const named = write([
  { ...foobar, labels: [['__name__', 'm'], ...foobar.labels] },
  { ...foobaz, labels: [['__name__', 'm'], ...foobaz.labels] },
])

test('T13, T19: upstream answers 500 to all: 500', async () => {
  const { push, sink, tenants } = await startInProcess(configured())
  sink.setFault(EVERY_TENANT, { status: 500 })
  expect((await push(named)).status).toBe(500)
  expect(Object.keys(tenants())).toEqual(['foobar', 'foobaz'])
})

test('T14: a part for each tenant, its label removed, and upstream’s 200 with its body', async () => {
  const { push, tenants, sink } = await startInProcess(configured())
  expect(await push(named)).toMatchObject({ status: 200, text: 'Ok' })
  expect(tenants()).toEqual({ foobar: ['m'], foobaz: ['m'] })
  expect(
    sink.store
      .series('foobaz')
      .get('m')
      ?.samples.map(([tsMs, value]) => [tsMs, value]),
  ).toEqual([[101112, 789]])
})

test('T13, T14: series that had no other label are refused (listed: a series left without labels)', async () => {
  const { push, sent } = await startInProcess(configured())
  const { status, text } = await push(bare)
  expect(status).toBe(400)
  expect(text).toMatch(/^2 series rejected\nrejected no_labels_left \(2\)/)
  expect(sent()).toEqual([])
})

const metadata = write([], { metadata: [{ family: 'm', type: 1, help: 'h' }] })

test('T15: metadata alone with metadata: false: 200, nothing sent', async () => {
  const { push, sent } = await startInProcess(`metadata: false\n${configured()}`)
  expect(await push(metadata)).toMatchObject({ status: 200, text: '' })
  expect(sent()).toEqual([])
})

const check400 = async (body: Uint8Array): Promise<void> => {
  const { push, sent } = await startInProcess(configured())
  expect((await push(body)).status).toBe(400)
  expect(sent()).toEqual([])
}

test('T16: an empty request: 400', () => check400(write([])))
test('T17: a body that is not snappy: 400', () => check400(Buffer.from('foobar')))
test('T18: snappy of what is not protobuf: 400', () => check400(snappyBlock(Buffer.from('foobar'))))

test('T20: once stopping begins /alive is 503, until the listener closes', async () => {
  const { ask, proxy, push } = await startInProcess(`timeout_shutdown: 300ms\n${configured()}`)
  expect((await ask('/alive', { method: 'GET' })).status).toBe(200)
  const stopped = proxy.stop(new AbortController().signal)
  expect((await ask('/alive', { method: 'GET' })).status).toBe(503)
  expect((await push(named)).status).toBe(200)
  await stopped
  await expect(ask('/alive', { method: 'GET' })).rejects.toThrow('ECONNREFUSED')
})

const keep = { labels, default: 'default', keepLabel: true }

test('T21: the label decides; without one the default; without that the request is answered 400', async () => {
  const { parts } = splitByTenant(write([foobaz, neither]), keep)
  expect(parts.map(({ tenant, series: count }) => [tenant, count])).toEqual([
    ['foobaz', 1],
    ['default', 1],
  ])
  const { push, sent } = await startInProcess(`tenant: { label_list: [${labels}] }`)
  expect((await push(write([neither]))).status).toBe(400)
  expect(sent()).toEqual([])
})

test('T21: without a default only the series is refused (listed: per-series rejection); strict refuses all', () => {
  const body = write([foobaz, neither])
  const { parts, rejected } = splitByTenant(body, { labels, keepLabel: true })
  expect(parts.map(({ tenant }) => tenant)).toEqual(['foobaz'])
  expect(rejected).toMatchObject([{ reason: 'missing_tenant', series: 1 }])
  expect(() => splitByTenant(body, { labels, keepLabel: true, strict: true })).toThrow(
    "label(s): {'__tenant__','__foo__','__bar__'} not found",
  )
})

test('T22: bytes that are neither snappy nor protobuf are refused; a round trip keeps every series', () => {
  expect(() => splitByTenant(Buffer.from([0xff]), keep)).toThrow(expect.objectContaining({ code: 'BODY_CORRUPT' }))
  expect(() => splitByTenant(snappyBlock(Buffer.from([0xff])), keep)).toThrow(
    expect.objectContaining({ code: 'BODY_CORRUPT' }),
  )
  const sameTenant = [foobar, { ...neither, labels: [['__tenant__', 'foobar'] as const] }]
  const [part] = splitByTenant(write(sameTenant), keep).parts
  const decode = (bytes: Uint8Array) => decodeWriteRequest(bytes).series
  expect(decode(uncompress(part!.body, 1 << 20))).toEqual(decode(encodeWriteRequest({ series: sameTenant })))
})

test('T23: each tenant’s part is byte for byte what encoding its series alone gives', () => {
  const { parts } = splitByTenant(bare, keep)
  const bytes = Object.fromEntries(parts.map(({ tenant, body }) => [tenant, hex(uncompress(body, 1 << 20))]))
  expect(bytes).toEqual({
    foobar: hex(encodeWriteRequest({ series: [foobar] })),
    foobaz: hex(encodeWriteRequest({ series: [foobaz] })),
  })
})

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('T24: removal keeps the order of the other labels', () => {
  const { parts } = splitByTenant(write([series('aaa=1', 'bbb=t', 'ccc=3'), series('bbb=t', 'ccc=3', 'ddd=4')]), {
    labels: ['bbb'],
  })
  const left = parts.flatMap(({ body }) => decodeWriteRequest(uncompress(body, 1 << 20)).series)
  expect(left.map((one) => seriesText(one.labels))).toEqual(['{aaa="1", ccc="3"}', '{ccc="3", ddd="4"}'])
})

test('T24: removal of the only label refuses the series (listed: a series left without labels)', () => {
  const { parts, rejected } = splitByTenant(write([series('aaa=t')]), { labels: ['aaa'] })
  expect([parts.length, rejected.map(({ reason }) => reason)]).toEqual([0, ['no_labels_left']])
})
