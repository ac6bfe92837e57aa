// What the content headers of a push promise, judged before its body is touched.

import { SluiceError } from '../errors.ts'
import { messages, readContentType, remoteWriteOf } from '../wire/content-type.ts'
import type { Push } from './push.ts'

/** How to read a body. */
export type Content = Pick<Push, 'encoding' | 'format' | 'protocol'>

const contentOf: Readonly<Record<'remote-write-1' | 'remote-write-2' | 'loki', Content>> = {
  'remote-write-1': { encoding: 'snappy', format: 'protobuf', protocol: 'remote-write-1' },
  'remote-write-2': { encoding: 'snappy', format: 'protobuf', protocol: 'remote-write-2' },
  loki: { encoding: 'snappy', format: 'protobuf', protocol: 'loki' },
}
const usualType1 = 'application/x-protobuf'
const usualType2 = `${usualType1};proto=${messages['remote-write-2']}`
const taken = `${usualType1} with proto=${messages['remote-write-1']} (or none) or proto=${messages['remote-write-2']}`

/**
 * Reads Content-Type and Content-Encoding of a push of that kind. The version header changes nothing: the type alone
 * names the message.
 * Throws SluiceError UNSUPPORTED_CONTENT_TYPE or UNSUPPORTED_CONTENT_ENCODING.
 */
export function judgeContent(kind: Push['kind'], type: string | undefined, encoding: string | undefined): Content {
  const isUsual = encoding === 'snappy'
  if (isUsual && type === usualType1) return contentOf[kind === 'loki' ? 'loki' : 'remote-write-1']
  if (kind === 'loki') return judgeLoki(type, encoding)
  return isUsual && type === usualType2 ? contentOf['remote-write-2'] : judgeRemoteWrite(type, encoding)
}

function judgeRemoteWrite(type = '', encoding = ''): Content {
  const read = readContentType(type)
  const protocol = read.mediaType === '' || read.mediaType === usualType1 ? remoteWriteOf(read) : undefined
  if (protocol === undefined) throw badType(type, `remote write is ${taken}`)
  if (!isOneOf(encoding, ['', 'snappy'])) throw badEncoding(encoding, 'remote write is snappy')
  return contentOf[protocol]
}

function judgeLoki(type = '', encoding = ''): Content {
  const { mediaType } = readContentType(type)
  const coding = encoding.trim().toLowerCase()
  if (mediaType !== 'application/x-protobuf' && mediaType !== 'application/json')
    throw badType(type, 'a Loki push is application/x-protobuf or application/json')
  if (coding !== '' && coding !== 'snappy' && coding !== 'gzip' && coding !== 'identity')
    throw badEncoding(encoding, 'a Loki push is snappy, gzip or identity')
  const isProtobuf = mediaType === 'application/x-protobuf'
  return {
    protocol: 'loki',
    format: isProtobuf ? 'protobuf' : 'json',
    encoding: coding === '' ? (isProtobuf ? 'snappy' : 'identity') : coding,
  }
}

const isOneOf = (text: string, known: readonly string[]): boolean => known.includes(text.trim().toLowerCase())

const badType = (type: string, why: string): SluiceError =>
  new SluiceError('UNSUPPORTED_CONTENT_TYPE', `Content-Type ${shown(type)}: ${why}`)

const badEncoding = (encoding: string, why: string): SluiceError =>
  new SluiceError('UNSUPPORTED_CONTENT_ENCODING', `Content-Encoding ${shown(encoding)}: ${why}`)

const shown = (header: string): string => (header === '' ? 'is missing' : JSON.stringify(header.slice(0, 100)))
