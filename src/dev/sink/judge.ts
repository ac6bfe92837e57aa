// One push, judged: which tenant, what it holds, which rules it breaks. Pure; the listener asks and then keeps or refuses.

import type { IncomingHttpHeaders } from 'node:http'
import { uncompressSync } from 'snappy'
import { SluiceError } from '../../errors.ts'
import { type DecodedWriteRequest, decodeWriteRequest } from '../decode.ts'
import { type DecodedLokiPush, decodeLokiPush } from '../decode-loki.ts'
import { type DecodedRequest2, decodeRequest2 } from '../decode-v2.ts'
import { checkLokiPush, checkWriteRequest } from './check-body.ts'
import { ANONYMOUS, checkHeaders, checkTenant, type PushKind, remoteWriteIn } from './check-request.ts'
import { asRemoteWrite1, checkRequest2 } from './check-request-2.ts'
import type { Violation } from './violation.ts'

export interface Contents {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}

export interface Verdict {
  /** As the header has it; ANONYMOUS without one. */
  readonly tenant: string
  /** Every rule that is broken, headers first. Of an unreadable body only why it is. */
  readonly violations: readonly Violation[]
  /** The uncompressed body; empty if it could not be read. */
  readonly bytes: Uint8Array
  /** Remote write 2: what the body holds, to be told to its sender; all 0 if it could not be read. */
  readonly contents?: Contents
  /** Exactly one of these two is there when the body could be read. */
  readonly metrics?: DecodedWriteRequest
  readonly logs?: DecodedLokiPush
}

/** Judges a push by its headers (lower-case names) and compressed body. `maxBytes` bounds what it may unpack to. */
export function judge(kind: PushKind, headers: IncomingHttpHeaders, body: Buffer, maxBytes: number): Verdict {
  const org = headers['x-scope-orgid']?.toString()
  const tenant = org === undefined || org === '' ? ANONYMOUS : org
  const outside = [...checkTenant(org), ...checkHeaders(kind, headers)]
  const isSecond = kind === 'metrics' && remoteWriteIn(headers) === 2
  const refuse = (rule: Violation['rule'], text: string, bytes: Uint8Array = new Uint8Array()): Verdict => ({
    tenant,
    violations: [...outside, { rule, text }],
    bytes,
    ...(isSecond && { contents: { samples: 0, histograms: 0, exemplars: 0 } }),
  })

  const promised = unpackedSize(body)
  if (promised === undefined) return refuse('snappy', 'the body does not start with its unpacked size')
  if (promised > maxBytes) return refuse('body-size', `the body unpacks to ${promised} bytes, more than ${maxBytes}`)
  let bytes: Uint8Array
  try {
    bytes = uncompressSync(body, { copyOutputData: true }) as Buffer
  } catch (error) {
    return refuse('snappy', `the body is not a snappy block: ${(error as Error).message}`)
  }
  try {
    if (isSecond) {
      const request = decodeRequest2(bytes)
      const violations = [...outside, ...checkRequest2(request)]
      return { tenant, violations, bytes, metrics: asRemoteWrite1(request), contents: contentsOf(request) }
    }
    if (kind === 'metrics') {
      const metrics = decodeWriteRequest(bytes)
      return { tenant, violations: [...outside, ...checkWriteRequest(metrics)], bytes, metrics }
    }
    const logs = decodeLokiPush(bytes)
    return { tenant, violations: [...outside, ...checkLokiPush(logs)], bytes, logs }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    return refuse('protobuf', error.message, bytes)
  }
}

function contentsOf({ series }: DecodedRequest2): Contents {
  const sum = (of: keyof Contents): number => series.reduce((total, one) => total + one[of].length, 0)
  return { samples: sum('samples'), histograms: sum('histograms'), exemplars: sum('exemplars') }
}

/** A snappy block starts with its unpacked size as a varint of at most 32 bits. */
function unpackedSize(body: Uint8Array): number | undefined {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = body[i]
    if (byte === undefined) return undefined
    size += (byte & 127) * 128 ** i
    if (byte < 128) return size
  }
  return undefined
}
