import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { judgeContent } from './content.ts'
import type { Push } from './push.ts'

const judge = (kind: Push['kind'], type?: string, encoding?: string): string => {
  try {
    const { format, encoding: coding } = judgeContent(kind, type, encoding)
    return `${format} ${coding}`
  } catch (error) {
    return error instanceof SluiceError ? `${error.status} ${error.message}` : String(error)
  }
}

test('remote write', () => {
  const check = (type: string | undefined, encoding: string | undefined, want: string | RegExp) =>
    expect(judge('remote-write', type, encoding)).toMatch(want)
  check(undefined, undefined, 'protobuf snappy')
  check('application/x-protobuf', 'snappy', 'protobuf snappy')
  check('Application/X-Protobuf', 'Snappy', 'protobuf snappy')
  check('application/x-protobuf;proto=prometheus.WriteRequest', 'snappy', 'protobuf snappy')
  check('application/x-protobuf ; charset=x; Proto = "prometheus.WriteRequest"', undefined, 'protobuf snappy')
  check(
    'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'snappy',
    /^415 .*remote write 2 is not accepted/,
  )
  check('application/x-protobuf;proto=other', 'snappy', /^415 .*prometheus\.WriteRequest/)
  check('application/json', 'snappy', '415 Content-Type "application/json": remote write 1 is application/x-protobuf')
  check('application/x-protobufs', 'snappy', /^415/)
  check('application/x-protobuf', 'gzip', '415 Content-Encoding "gzip": remote write 1 is snappy')
  check('application/x-protobuf', 'snappy, gzip', /^415/)
  check(undefined, 'identity', /^415/)
})

test('Loki', () => {
  const check = (type: string | undefined, encoding: string | undefined, want: string | RegExp) =>
    expect(judge('loki', type, encoding)).toMatch(want)
  check('application/x-protobuf', undefined, 'protobuf snappy')
  check('application/x-protobuf', 'snappy', 'protobuf snappy')
  check('application/x-protobuf', 'gzip', 'protobuf gzip')
  check('application/x-protobuf', 'identity', 'protobuf identity')
  check('application/json', undefined, 'json identity')
  check('application/json; charset=utf-8', 'GZIP', 'json gzip')
  check('application/json', 'snappy', 'json snappy')
  check(undefined, 'snappy', '415 Content-Type is missing: a Loki push is application/x-protobuf or application/json')
  check('text/plain', undefined, /^415/)
  check('application/json', 'deflate', '415 Content-Encoding "deflate": a Loki push is snappy, gzip or identity')
})
