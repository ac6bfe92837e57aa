// Which requests are pushes. What is not recognised passes untouched, so this must not guess: data of many tenants that
// passed would arrive as one tenant's, and another protocol's request that was taken would be refused.

/** What of a request tells what it is. Header names are lower-case. */
export interface RequestHead {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

export type PushKind = 'remote-write' | 'loki'

/** OTLP is application/x-protobuf too; only remote write has to say how it is compressed. */
const otlpPath = /\/v1(?:development)?\/(?:metrics|logs|traces|profiles)$/

/**
 * POST and Content-Type `application/x-protobuf`: a Loki push if the path ends in `/loki/api/v1/push` or `/loki/push`,
 * else remote write if Content-Encoding is absent or `snappy`, but not on OTLP's paths where it is absent.
 * `application/json` is a push on the Loki paths only. Undefined: no push.
 *
 * Remote write of a message that nobody here knows is recognised, too, and answered 415, on which senders try another:
 * untouched it would carry all tenants' data under one id. So is a Loki push in an encoding that can't be read.
 */
export function recognise({ method, url, headers }: RequestHead): PushKind | undefined {
  if (method !== 'POST' && method.toUpperCase() !== 'POST') return undefined
  const type = mediaType(headers['content-type'])
  const isProtobuf = type === 'application/x-protobuf'
  if (!isProtobuf && type !== 'application/json') return undefined
  const path = pathOf(url)
  if (path.endsWith('/loki/api/v1/push') || path.endsWith('/loki/push')) return 'loki'
  if (!isProtobuf) return undefined
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase()
  if (encoding === '') return otlpPath.test(path) ? undefined : 'remote-write'
  return encoding === 'snappy' ? 'remote-write' : undefined
}

/** Whether `recognise` knows it. */
export const isPush = (head: RequestHead): boolean => recognise(head) !== undefined

/** Path of an absolute URL. */
export const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : '')

const mediaType = (header = ''): string => (header.split(';', 1)[0] as string).trim().toLowerCase()
