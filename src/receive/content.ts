// What the content headers of a push promise, judged before its body is touched.

import { SluiceError } from '../errors.ts'
import type { Push } from './push.ts'

/** How to read a body. */
export type Content = Pick<Push, 'encoding' | 'format'>

const snappyProtobuf: Content = { encoding: 'snappy', format: 'protobuf' }
const remoteWrite1 = 'prometheus.WriteRequest'
const remoteWrite2 = 'io.prometheus.write.v2.Request'

/**
 * Reads Content-Type and Content-Encoding of a push of that kind (remote write 1.0; Loki's push API).
 * Throws SluiceError UNSUPPORTED_CONTENT_TYPE or UNSUPPORTED_CONTENT_ENCODING.
 */
export function judgeContent(kind: Push['kind'], type: string | undefined, encoding: string | undefined): Content {
  if (type === 'application/x-protobuf' && encoding === 'snappy') return snappyProtobuf
  return kind === 'remote-write' ? judgeRemoteWrite(type, encoding) : judgeLoki(type, encoding)
}

function judgeRemoteWrite(type = '', encoding = ''): Content {
  const { mediaType, proto } = parseType(type)
  if (mediaType !== '' && mediaType !== 'application/x-protobuf')
    throw badType(type, 'remote write 1 is application/x-protobuf')
  if (proto === remoteWrite2)
    throw badType(type, `remote write 2 is not accepted; have the sender use protobuf_message: ${remoteWrite1}`)
  if (proto !== '' && proto !== remoteWrite1) throw badType(type, `the message read here is ${remoteWrite1}`)
  if (!isOneOf(encoding, ['', 'snappy'])) throw badEncoding(encoding, 'remote write 1 is snappy')
  return snappyProtobuf
}

function judgeLoki(type = '', encoding = ''): Content {
  const { mediaType } = parseType(type)
  const coding = encoding.trim().toLowerCase()
  if (mediaType !== 'application/x-protobuf' && mediaType !== 'application/json')
    throw badType(type, 'a Loki push is application/x-protobuf or application/json')
  if (coding !== '' && coding !== 'snappy' && coding !== 'gzip' && coding !== 'identity')
    throw badEncoding(encoding, 'a Loki push is snappy, gzip or identity')
  const isProtobuf = mediaType === 'application/x-protobuf'
  return {
    format: isProtobuf ? 'protobuf' : 'json',
    encoding: coding === '' ? (isProtobuf ? 'snappy' : 'identity') : coding,
  }
}

const isOneOf = (text: string, known: readonly string[]): boolean => known.includes(text.trim().toLowerCase())

/** Media type in lower case and the `proto` parameter; other parameters are nobody's concern. */
function parseType(header: string): { readonly mediaType: string; readonly proto: string } {
  const [mediaType = '', ...parameters] = header.split(';')
  let proto = ''
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    if (equals < 0 || parameter.slice(0, equals).trim().toLowerCase() !== 'proto') continue
    proto = parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1')
  }
  return { mediaType: mediaType.trim().toLowerCase(), proto }
}

const badType = (type: string, why: string): SluiceError =>
  new SluiceError('UNSUPPORTED_CONTENT_TYPE', `Content-Type ${shown(type)}: ${why}`)

const badEncoding = (encoding: string, why: string): SluiceError =>
  new SluiceError('UNSUPPORTED_CONTENT_ENCODING', `Content-Encoding ${shown(encoding)}: ${why}`)

const shown = (header: string): string => (header === '' ? 'is missing' : JSON.stringify(header.slice(0, 100)))
