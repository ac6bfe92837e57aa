import { expect, test } from 'vitest'
import { readContentType, remoteWriteOf } from './content-type.ts'

const one = 'remote-write-1'
const two = 'remote-write-2'

test('which remote write a Content-Type announces', () => {
  const check = (header: string, want: string | undefined, mediaType = 'application/x-protobuf') => {
    const type = readContentType(header)
    expect([header, remoteWriteOf(type), type.mediaType]).toEqual([header, want, mediaType])
  }
  check('', one, '')
  check('application/x-protobuf', one)
  check('application/x-protobuf;', one)
  check('application/x-protobuf;proto=prometheus.WriteRequest', one)
  check('application/x-protobuf;proto=io.prometheus.write.v2.Request', two)
  check('application/x-protobuf; proto=io.prometheus.write.v2.Request', two)
  check('application/x-protobuf\t;\t proto=io.prometheus.write.v2.Request ', two)
  check('application/x-protobuf ;proto = io.prometheus.write.v2.Request', two)
  check('application/x-protobuf;proto="io.prometheus.write.v2.Request"', two)
  check('application/x-protobuf;proto="io.prometheus\\.write.v2.Request"', two)
  check('Application/X-Protobuf; Proto=io.prometheus.write.v2.Request', two)
  check('application/x-protobuf;PROTO="IO.Prometheus.Write.V2.Request"', two)
  check('application/x-protobuf;charset=utf-8;proto=io.prometheus.write.v2.Request', two)
  check('application/x-protobuf;proto=io.prometheus.write.v2.Request; q="a;b"; charset=utf-8', two)
  check('application/x-protobuf;note="; proto=other";proto=io.prometheus.write.v2.Request', two)
  check('application/x-protobuf;note=";proto=io.prometheus.write.v2.Request"', one)
  check('application/x-protobuf;xproto=io.prometheus.write.v2.Request', one)
  check('application/x-protobuf;note;proto=io.prometheus.write.v2.Request', two)
  check('application/x-protobuf;proto=prometheus.WriteRequest;proto=prometheus.WriteRequest', one)
  check('application/x-protobuf;proto=prometheus.WriteRequest;proto=io.prometheus.write.v2.Request', undefined)
  check('application/x-protobuf;proto=io.prometheus.write.v3.Request', undefined)
  check('application/x-protobuf;proto=io.prometheus.write.v2.Request2', undefined)
  check('application/x-protobuf;proto=', undefined)
  check('application/x-protobuf;proto=""', undefined)
  check('application/json; charset=utf-8', one, 'application/json')
})
