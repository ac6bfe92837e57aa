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

/** A remote write, by its protocol. */
export type RemoteWrite = keyof typeof messages

/** Every one that there is. */
export const everyRemoteWrite: readonly RemoteWrite[] = ['remote-write-1', 'remote-write-2']

/**
 * Reads Content-Type and Content-Encoding of a push of that kind. The version header changes nothing: the type alone
 * names the message, which must be one of `accepted`.
 * Throws SluiceError UNSUPPORTED_CONTENT_TYPE or UNSUPPORTED_CONTENT_ENCODING.
 */
export function judgeContent(
  kind: Push['kind'],
  type: string | undefined,
  encoding: string | undefined,
  accepted: readonly RemoteWrite[] = everyRemoteWrite,
): Content {
  const isUsual = encoding === 'snappy'
  if (kind === 'loki') return isUsual && type === usualType1 ? contentOf.loki : judgeLoki(type, encoding)
  const usual = type === usualType1 ? 'remote-write-1' : type === usualType2 ? 'remote-write-2' : undefined
  const isTaken = isUsual && usual !== undefined && accepted.includes(usual)
  return isTaken ? contentOf[usual] : judgeRemoteWrite(type, encoding, accepted)
}

function judgeRemoteWrite(type = '', encoding = '', accepted: readonly RemoteWrite[]): Content {
  const read = readContentType(type)
  const protocol = read.mediaType === '' || read.mediaType === usualType1 ? remoteWriteOf(read) : undefined
  if (protocol === undefined) throw badType(type, `remote write is ${shownTypes(accepted)}`)
  if (!accepted.includes(protocol)) {
    throw badType(type, `${messages[protocol]} is not accepted here, only ${shownTypes(accepted)}`)
  }
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

/** For people: the types that announce these messages. */
const shownTypes = (accepted: readonly RemoteWrite[]): string =>
  `${usualType1} with ${accepted.map((each) => `proto=${messages[each]}${each === 'remote-write-1' ? ' (or none)' : ''}`).join(' or ')}`

const isOneOf = (text: string, known: readonly string[]): boolean => known.includes(text.trim().toLowerCase())

const badType = (type: string, why: string): SluiceError =>
  new SluiceError('UNSUPPORTED_CONTENT_TYPE', `Content-Type ${shown(type)}: ${why}`)

const badEncoding = (encoding: string, why: string): SluiceError =>
  new SluiceError('UNSUPPORTED_CONTENT_ENCODING', `Content-Encoding ${shown(encoding)}: ${why}`)

const shown = (header: string): string => (header === '' ? 'is missing' : JSON.stringify(header.slice(0, 100)))
