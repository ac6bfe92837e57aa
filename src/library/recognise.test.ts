import { expect, test } from 'vitest'
import { type PushKind, recognise } from './recognise.ts'

const protobuf = 'application/x-protobuf'
const check = (url: string, type: string | undefined, encoding: string | undefined, want: PushKind | undefined) =>
  expect(
    recognise({
      method: 'POST',
      url: `http://up${url}`,
      headers: { 'content-type': type, 'content-encoding': encoding },
    }),
    `${url} ${type} ${encoding}`,
  ).toBe(want)

test('remote write: protobuf, in snappy or without a word about it, to any path', () => {
  check('/api/v1/push', protobuf, 'snappy', 'remote-write')
  check('/', protobuf, undefined, 'remote-write')
  check('/api/v1/write?x=/loki/push', protobuf, 'snappy', 'remote-write')
  check('/push', 'Application/X-Protobuf ; charset=utf-8', ' Snappy ', 'remote-write')
  check('/push', 'application/x-protobuf;proto=prometheus.WriteRequest', 'snappy', 'remote-write')
  check('/loki/push/', protobuf, 'snappy', 'remote-write')
  check('/push', protobuf, 'gzip', undefined)
  check('/push', protobuf, 'zstd', undefined)
  check('/push', protobuf, 'identity', undefined)
})

test('remote write of any message is recognised: untouched it would carry all tenants under one id', () => {
  check('/push', 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'snappy', 'remote-write')
  check('/push', 'application/x-protobuf; proto="io.prometheus.write.v2.Request"', undefined, 'remote-write')
  check('/push', 'application/x-protobuf;proto=io.prometheus.write.v3.Request', 'snappy', 'remote-write')
})

test('Loki: by the end of the path, protobuf or JSON, in any encoding', () => {
  check('/loki/api/v1/push', protobuf, 'snappy', 'loki')
  check('/loki/push?a=b', protobuf, undefined, 'loki')
  check('/tenant/loki/api/v1/push', 'application/json; charset=utf-8', 'gzip', 'loki')
  check('/loki/push', 'Application/JSON', undefined, 'loki')
  check('/loki/push', protobuf, 'br', 'loki')
  check('/notloki/push', 'application/json', undefined, undefined)
  check('/loki/api/v1/push/x', 'application/json', undefined, undefined)
})

test('anything else is none', () => {
  check('/push', undefined, 'snappy', undefined)
  check('/push', '', undefined, undefined)
  check('/push', 'application/x-protobufs', 'snappy', undefined)
  check('/push', 'text/plain; application/x-protobuf', 'snappy', undefined)
  check('/push', 'application/json', 'snappy', undefined)
  const headers = { 'content-type': protobuf, 'content-encoding': 'snappy' }
  expect(recognise({ method: 'PUT', url: 'http://up/push', headers })).toBeUndefined()
  expect(recognise({ method: 'GET', url: 'http://up/push', headers })).toBeUndefined()
  expect(recognise({ method: 'post', url: 'http://up/push', headers })).toBe('remote-write')
})

test('OTLP over HTTP has the same Content-Type, and no Content-Encoding', () => {
  check('/v1/traces', protobuf, undefined, undefined)
  check('/otlp/v1/metrics', protobuf, undefined, undefined)
  check('/api/v1/otlp/v1/logs', protobuf, undefined, undefined)
  check('/v1/metrics', protobuf, 'snappy', 'remote-write')
  check('/api/v1/metrics/push', protobuf, undefined, 'remote-write')
})
