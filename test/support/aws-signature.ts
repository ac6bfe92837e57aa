// Judges a request as AWS does, by its documentation and by nothing that the client uses: recomputes the signature from
// what arrived.

import { createHash, createHmac } from 'node:crypto'
import type { Asked } from './stand-in.ts'

export interface AwsKeys {
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface Expected {
  /** Access key id → what AWS knows of it. */
  readonly keys: Readonly<Record<string, AwsKeys>>
  readonly region: string
  readonly service: string
  /** Time of day in ms. */
  readonly now: number
}

const windowMs = 5 * 60_000
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/** What is wrong with the request, in AWS's words; undefined: nothing. */
export function awsProblem(asked: Asked, { keys, region, service, now }: Expected): string | undefined {
  const header = (name: string) => String(asked.headers[name] ?? '')
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;_-]+), Signature=([0-9a-f]{64})$/.exec(
      header('authorization'),
    )
  if (parts === null) return 'IncompleteSignature'
  const [, keyId = '', day = '', itsRegion, itsService, list = '', signature] = parts
  if (itsRegion !== region || itsService !== service) return `scope ${itsRegion}/${itsService}`
  const known = keys[keyId]
  if (known === undefined) return 'InvalidClientTokenId'
  if (header('x-amz-security-token') !== (known.sessionToken ?? '')) return 'security token'
  const date = header('x-amz-date')
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!date.startsWith(day) || !(Math.abs(time - now) <= windowMs)) return 'RequestExpired'
  const signedNames = list.split(';')
  const due = Object.keys(asked.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'))
  const missing = due.filter((name) => !signedNames.includes(name))
  if (missing.length > 0) return `not signed: ${missing.join()}`
  const bodyHash = sha256(asked.body)
  if (asked.headers['x-amz-content-sha256'] !== undefined && header('x-amz-content-sha256') !== bodyHash)
    return 'XAmzContentSHA256Mismatch'
  const [path = '', query = ''] = asked.target.split('?')
  const canonical = [
    asked.method,
    path.split('/').map(escaped).join('/'),
    canonicalQuery(query),
    ...signedNames.map((name) => `${name}:${header(name).trim().replace(/ +/g, ' ')}`),
    '',
    list,
    bodyHash,
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(
    (secret, step) => hmac(secret, step),
    Buffer.from(`AWS4${known.secretAccessKey}`),
  )
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

function canonicalQuery(query: string): string {
  if (query === '') return ''
  const pairs = query.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=')
    return [escaped(decodeURIComponent(name)), escaped(decodeURIComponent(value.join('=')))] as const
  })
  const order = (a: string, b: string) => (a < b ? -1 : Number(a > b))
  return pairs
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map((pair) => pair.join('='))
    .join('&')
}
