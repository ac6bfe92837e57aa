// What cortex-tenant's own tests say about POST /loki/push: cases T25 to T34, and what it does beyond them with content
// headers and bad streams. Without a word about a difference in its title a case is equal.

import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeLokiPush, encodeLokiPush, snappyBlock } from '../../src/dev/encode.ts'
import { EVERY_TENANT } from '../../src/dev/sink/fault.ts'
import { splitByTenant } from '../../src/index.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { logs } from '../support/bodies.ts'
import { startInProcess } from '../support/in-process.ts'

const configured =
  'timeout: 30s\ntenant: { label_list: [__tenant__, __foo__, __bar__], label_remove: true, default: default }\n'
const foobar = '{app="a", __tenant__="foobar"}'
const foobaz = '{app="a", __tenant__="foobaz"}'

test('T25, T30: upstream answers 500 to all: 500', async () => {
  const { pushLogs, sink, tenants } = await startInProcess(configured)
  sink.setFault(EVERY_TENANT, { status: 500 })
  expect((await pushLogs(logs(foobar, foobaz))).status).toBe(500)
  expect(Object.keys(tenants())).toEqual(['foobar', 'foobaz'])
})

test('T26: a part for each tenant, label_remove or not, and upstream’s 200 with its body', async () => {
  const { pushLogs, sent } = await startInProcess(configured)
  expect(await pushLogs(logs(foobar, foobaz))).toMatchObject({ status: 200, text: 'Ok' })
  expect(sent()).toMatchObject([
    { tenant: 'foobar', path: '/loki/api/v1/push', items: [foobar] },
    { tenant: 'foobaz', path: '/loki/api/v1/push', items: [foobaz] },
  ])
})

const checkStatus = async (body: Uint8Array, status: number, headers = {}): Promise<void> => {
  const { pushLogs, sent } = await startInProcess(configured)
  expect((await pushLogs(body, headers)).status).toBe(status)
  expect(sent()).toEqual([])
}

test('T27: no streams: 422', () => checkStatus(logs(), 422))
test('T28: a body that is not snappy: 400', () => checkStatus(Buffer.from('foobar'), 400))
test('T29: snappy of what is not protobuf: 400', () => checkStatus(snappyBlock(Buffer.from('foobar')), 400))

test('T27: a first stream without entries does not hide the next: 422 only where no stream has one', async () => {
  const { pushLogs, sent } = await startInProcess(configured, { strict: false })
  const entries = [{ tsNs: 1n, line: 'x' }]
  const body = snappyBlock(
    encodeLokiPush({
      streams: [
        { labels: foobar, entries: [] },
        { labels: foobaz, entries },
      ],
    }),
  )
  expect((await pushLogs(body)).status).toBe(200)
  expect(sent().map(({ tenant }) => tenant)).toContain('foobaz')
})

test('T31: once stopping begins /alive is 503, and logs are still taken', async () => {
  const { ask, proxy, pushLogs } = await startInProcess(`timeout_shutdown: 2s\n${configured}`)
  const stopped = proxy.stop(new AbortController().signal)
  expect((await ask('/alive', { method: 'GET' })).status).toBe(503)
  expect((await pushLogs(logs(foobar))).status).toBe(200)
  await stopped
})

const keep = {
  protocol: 'loki',
  labels: ['__tenant__', '__foo__', '__bar__'],
  default: 'default',
  keepLabel: true,
} as const

test('T32: the stream’s label decides; without one the default; without that the push is answered 400', async () => {
  const { parts } = splitByTenant(logs(foobaz, '{__tenantXXX="foobaz"}'), keep)
  expect(parts.map(({ tenant }) => tenant)).toEqual(['foobaz', 'default'])
  const { pushLogs, sent } = await startInProcess('tenant: { label_list: [__tenant__] }')
  expect((await pushLogs(logs('{__tenantXXX="foobaz"}'))).status).toBe(400)
  expect(sent()).toEqual([])
})

test('T33: bad bytes are refused; a round trip keeps every stream', () => {
  expect(() => splitByTenant(Buffer.from([0xff]), keep)).toThrow(expect.objectContaining({ code: 'BODY_CORRUPT' }))
  expect(() => splitByTenant(snappyBlock(Buffer.from([0xff])), keep)).toThrow(
    expect.objectContaining({ code: 'BODY_CORRUPT' }),
  )
  const body = logs(foobar, '{b="c", __tenant__="foobar"}')
  const [part] = splitByTenant(body, keep).parts
  expect(decodeLokiPush(uncompress(part!.body, 1 << 20))).toEqual(decodeLokiPush(uncompress(body, 1 << 20)))
})

test('T34: split by tenant, labels unchanged', () => {
  const { parts } = splitByTenant(logs(foobar, foobaz), keep)
  const streams = ({ body }: { body: Uint8Array }) =>
    decodeLokiPush(uncompress(body, 1 << 20)).streams.map(({ labels }) => labels)
  expect(parts.map((part) => [part.tenant, streams(part)])).toEqual([
    ['foobar', [foobar]],
    ['foobaz', [foobaz]],
  ])
})

const json = Buffer.from(
  JSON.stringify({ streams: [{ stream: { app: 'a', __tenant__: 'foobar' }, values: [['1000000000', 'x']] }] }),
)
const protobuf = uncompress(logs(foobar), 1 << 20)

const checkTaken = async (body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<void> => {
  const { ask, tenants } = await startInProcess(configured)
  expect((await ask('/loki/push', { body, headers })).status).toBe(200)
  expect(Object.keys(tenants())).toEqual(['foobar'])
}

test.each([
  ['protobuf without an encoding is snappy', logs(foobar), { 'content-type': 'application/x-protobuf' }],
  ['protobuf as gzip', gzipSync(protobuf), { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }],
  ['JSON without an encoding is plain', json, { 'content-type': 'application/json' }],
  ['JSON with a charset', json, { 'content-type': 'application/json; charset=utf-8' }],
  ['JSON as gzip', gzipSync(json), { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ['JSON as snappy', snappyBlock(json), { 'content-type': 'application/json', 'content-encoding': 'snappy' }],
])('taken as cortex-tenant takes it: %s', (_, body, headers) => checkTaken(body, headers))

test.each([
  ['no Content-Type', {}],
  ['another Content-Type', { 'content-type': 'text/plain', 'content-encoding': 'snappy' }],
  ['another Content-Encoding', { 'content-type': 'application/x-protobuf', 'content-encoding': 'deflate' }],
])('%s: 415 where it was 400 (listed: content headers)', async (_, headers) => {
  const { ask, sent } = await startInProcess(configured)
  expect((await ask('/loki/push', { body: logs(foobar), headers })).status).toBe(415)
  expect(sent()).toEqual([])
})

test('a stream whose labels can’t be read is refused alone (listed: per-series rejection)', async () => {
  const { pushLogs, tenants } = await startInProcess(configured)
  expect((await pushLogs(logs(foobar, '{nope'))).status).toBe(400)
  expect(tenants()).toEqual({ foobar: [foobar] })
})
