import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { judgeContent, type RemoteWrite } from './content.ts'
import type { Push } from './push.ts'

const judge = (kind: Push['kind'], type?: string, encoding?: string): string => {
  try {
    const { format, encoding: coding, protocol } = judgeContent(kind, type, encoding)
    return `${protocol} ${format} ${coding}`
  } catch (error) {
    return error instanceof SluiceError ? `${error.status} ${error.message}` : String(error)
  }
}

test('remote write', () => {
  const check = (type: string | undefined, encoding: string | undefined, want: string | RegExp) =>
    expect(judge('remote-write', type, encoding)).toMatch(want)
  const one = /^remote-write-1 protobuf snappy$/
  const two = /^remote-write-2 protobuf snappy$/
  check(undefined, undefined, one)
  check('', '', one)
  check('application/x-protobuf', 'snappy', one)
  check('Application/X-Protobuf', 'Snappy', one)
  check('application/x-protobuf;proto=prometheus.WriteRequest', 'snappy', one)
  check('application/x-protobuf ; charset=x; Proto = "prometheus.WriteRequest"', undefined, one)
  check('application/x-protobuf;proto=io.prometheus.write.v2.Request', 'snappy', two)
  check('application/x-protobuf; PROTO="io.prometheus.write.v2.Request"; charset=x', undefined, two)
  check('application/x-protobuf ;  proto=io.prometheus.write.v2.Request', 'SNAPPY ', two)
  check(
    'application/x-protobuf;proto=other',
    'snappy',
    '415 Content-Type "application/x-protobuf;proto=other": remote write is application/x-protobuf with ' +
      'proto=prometheus.WriteRequest (or none) or proto=io.prometheus.write.v2.Request',
  )
  check('application/x-protobuf;proto=prometheus.WriteRequest;proto=io.prometheus.write.v2.Request', 'snappy', /^415/)
  check('application/json', 'snappy', /^415 Content-Type "application\/json": remote write is application\/x-protobuf/)
  check('application/x-protobufs', 'snappy', /^415/)
  check('application/x-protobuf', 'gzip', '415 Content-Encoding "gzip": remote write is snappy')
  check('application/x-protobuf;proto=io.prometheus.write.v2.Request', 'gzip', /^415 Content-Encoding "gzip"/)
  check('application/x-protobuf', 'snappy, gzip', /^415/)
  check(undefined, 'identity', /^415/)
})

test('only what is accepted', () => {
  const check = (accepted: readonly RemoteWrite[], type: string | undefined, want: string | RegExp) => {
    const text = (): string => judgeContent('remote-write', type, 'snappy', accepted).protocol
    if (want instanceof RegExp) expect(text).toThrow(want)
    else expect(text()).toBe(want)
  }
  const type1 = 'application/x-protobuf'
  const type2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
  check(['remote-write-1'], undefined, 'remote-write-1')
  check(['remote-write-1'], type1, 'remote-write-1')
  check(
    ['remote-write-1'],
    type2,
    /v2.Request is not accepted here, only \S+ with proto=prometheus.WriteRequest \(or none\)$/,
  )
  check(['remote-write-2'], type2, 'remote-write-2')
  check(['remote-write-2'], type1, /^Content-Type "application\/x-protobuf": prometheus.WriteRequest is not accepted/)
  check(['remote-write-2'], undefined, /^Content-Type is missing: prometheus.WriteRequest is not accepted/)
  check(['remote-write-2'], 'text/plain', /: remote write is application\/x-protobuf with proto=io\.prometheus\.\S+$/)
})

test('Loki', () => {
  const check = (type: string | undefined, encoding: string | undefined, want: string | RegExp) =>
    expect(judge('loki', type, encoding)).toMatch(want)
  check('application/x-protobuf', undefined, 'loki protobuf snappy')
  check('application/x-protobuf', 'snappy', 'loki protobuf snappy')
  check('application/x-protobuf', 'gzip', 'loki protobuf gzip')
  check('application/x-protobuf', 'identity', 'loki protobuf identity')
  check('application/json', undefined, 'loki json identity')
  check('application/json; charset=utf-8', 'GZIP', 'loki json gzip')
  check('application/json', 'snappy', 'loki json snappy')
  check(undefined, 'snappy', '415 Content-Type is missing: a Loki push is application/x-protobuf or application/json')
  check('text/plain', undefined, /^415/)
  check('application/json', 'deflate', '415 Content-Encoding "deflate": a Loki push is snappy, gzip or identity')
})
