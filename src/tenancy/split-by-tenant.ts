// The splitter as a function: a push body in, one body per tenant out. What the proxy does to a request, without
// sending anything.

import { readTenancyOptions, type TenancyOptions } from '../config/tenancy-options.ts'
import { SluiceError } from '../errors.ts'
import { BYTES_PER_ITEM, type Codec } from '../wire/codec.ts'
import { codecs } from '../wire/codecs.ts'
import { messages, readContentType, remoteWriteOf } from '../wire/content-type.ts'
import { endGathering } from '../wire/gather.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { lokiJsonToProtobuf } from '../wire/loki/json.ts'
import { compress, uncompress } from '../wire/snappy.ts'
import { lowerCased } from './explain.ts'
import { OutcomeCache } from './outcome-cache.ts'
import { compileRouter, prefixOf, type Reason } from './route.ts'
import { type Refusal, split } from './split.ts'

/** Of the tenancy options, those that are about sending (`override`, `rateLimit`, …) change nothing here. */
export interface SplitOptions extends TenancyOptions {
  /**
   * Content-Type of the body. `application/x-protobuf` (default) is remote write 1 in snappy's block format, with
   * `;proto=io.prometheus.write.v2.Request` remote write 2; `loki` in `protocol` makes it a Loki push.
   * `application/json` is a Loki push as JSON, not compressed.
   */
  readonly contentType?: string | undefined
  /** Default `remote-write`. */
  readonly protocol?: 'remote-write' | 'loki' | undefined
  /** Most bytes that the body may unpack to; default 64 MiB. */
  readonly maxDecompressedSize?: number | undefined
  /** Headers of the request, for `prefixFromHeader`; names in any case. */
  readonly inboundHeaders?: Readonly<Record<string, string>> | undefined
}

export interface TenantPart {
  readonly tenant: string
  /** A complete request body in snappy's block format; the message is that of the whole, of remote write 2 too. */
  readonly body: Uint8Array<ArrayBuffer>
  /** Series, or log streams, in it. */
  readonly series: number
}

export interface RefusedSeries {
  readonly reason: Reason
  /** The id that was refused; undefined where none was found. */
  readonly tenant: string | undefined
  readonly detail: string
  readonly series: number
}

export interface SplitResult {
  /** In the order in which their first series came. */
  readonly parts: readonly TenantPart[]
  readonly rejected: readonly RefusedSeries[]
  readonly dropped: readonly RefusedSeries[]
}

/**
 * Splits one push body by tenant. Pure; `body` is not changed. Metadata records of remote write 1 are in no part: they name
 * no tenant; that of remote write 2 is in its series.
 * Throws SluiceError: BAD_REQUEST for what is no Uint8Array, UNSUPPORTED_CONTENT_TYPE, DECOMPRESSED_TOO_LARGE, BODY_CORRUPT, TOO_MANY_TENANTS; with `strict`,
 * SERIES_REJECTED; CONFIG_INVALID with all that is wrong with the options.
 */
export function splitByTenant(body: Uint8Array, options: SplitOptions = {}): SplitResult {
  const { contentType, protocol, maxDecompressedSize = 64 << 20, inboundHeaders = {}, ...tenancy } = options
  const settings = readTenancyOptions(tenancy)
  if (!(body instanceof Uint8Array)) throw new SluiceError('BAD_REQUEST', 'the body of a push is a Uint8Array')
  const router = compileRouter(settings)
  const [codec, message] = read(body, contentType ?? protobuf, protocol ?? 'remote-write', maxDecompressedSize)
  const prefix = prefixOf(settings, lowerCased(inboundHeaders))
  const batch = codec.scan(message, router.watch, Math.floor(maxDecompressedSize / BYTES_PER_ITEM))
  const { parts, rejected, dropped } = split(batch, router, prefix, new OutcomeCache())
  if (settings.strict && rejected.length > 0) {
    throw new SluiceError('SERIES_REJECTED', (rejected[0] as Refusal).outcome.detail)
  }
  const bodies = parts.map(({ indexes, count }) => compress(codec.gather(batch, indexes, count, !settings.keepLabel)))
  endGathering()
  return {
    parts: parts.map(({ tenant, count }, k) => ({ tenant, body: bodies[k]!, series: count })),
    rejected: rejected.map(refused),
    dropped: dropped.map(refused),
  }
}

const protobuf = 'application/x-protobuf'

function read(body: Uint8Array, contentType: string, protocol: string, maxBytes: number): [Codec, Uint8Array] {
  const type = readContentType(contentType)
  if (type.mediaType === 'application/json') return [lokiPush, lokiJsonToProtobuf(body, maxBytes)]
  if (type.mediaType !== protobuf) {
    throw new SluiceError('UNSUPPORTED_CONTENT_TYPE', `${contentType} is neither ${protobuf} nor application/json`)
  }
  const named = protocol === 'loki' ? 'loki' : remoteWriteOf(type)
  if (named === undefined) {
    const known = Object.values(messages).join(' and ')
    throw new SluiceError('UNSUPPORTED_CONTENT_TYPE', `${contentType}: the messages that are split here are ${known}`)
  }
  return [codecs[named], uncompress(body, maxBytes)]
}

function refused({ outcome, count }: Refusal): RefusedSeries {
  const { reason, tenant, detail } = outcome
  return { reason, tenant, detail, series: count }
}
