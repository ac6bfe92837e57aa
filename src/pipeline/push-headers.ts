// What of a push's headers matters: those that go on upstream, and those that make it another push.

import { createHash } from 'node:crypto'
import type { TenancySettings } from '../config/tenancy-settings.ts'
import type { Push } from '../receive/push.ts'
import type { PushKey } from '../send/remember.ts'
import type { GivenBatch } from './given-batch.ts'

const travelling = ['user-agent', 'retry-attempt', 'traceparent'] as const

/** The last ones of a push that is no retry and is not traced: the next has mostly the same, and gets the same object. */
let last: Readonly<Record<string, string>> = {}

/** Headers that travel with every part; `userAgent` where the sender gave none. Authorization, Cookie and the tenant header are not among them. */
export function travellingHeaders(push: Push, userAgent: string): Readonly<Record<string, string>> {
  const { headers } = push
  const plain = headers['retry-attempt'] === undefined && headers.traceparent === undefined
  const agent = headers['user-agent'] || userAgent
  if (plain && agent === last['user-agent']) return last
  const found: Record<string, string> = { 'user-agent': agent }
  if (plain) {
    last = found
    return found
  }
  for (const name of travelling) {
    const value = headers[name]
    if (value !== undefined && value !== '') found[name] = value
  }
  return found
}

/**
 * The same bytes under another path, content type, tenant header, prefix header or settings are another push; so are
 * those of another `identity`.
 */
export function keyOf(push: Push, tenancy: TenancySettings, generation: number, identity = ''): PushKey {
  const { headers } = push
  return {
    body: push.body,
    context: [
      String(generation),
      push.path,
      headers['content-type'] ?? '',
      push.encoding,
      headers[tenancy.header.toLowerCase()] ?? '',
      headers[tenancy.prefixFromHeader.toLowerCase()] ?? '',
      identity,
    ],
  }
}

/** The same for a batch; `generation` is of one pipeline alone. Its bytes may be written to soon, so where nothing lasting stands for them their hash does. */
export function keyOfBatch(given: GivenBatch, tenancy: TenancySettings, generation: string): PushKey {
  const { batch, source, headers = {}, identity } = given
  return {
    body: source ?? createHash('sha256').update(batch.bytes).digest(),
    context: [
      generation,
      batch.codec.protocol,
      source === undefined ? 'bytes' : 'source',
      headers[tenancy.header.toLowerCase()] ?? '',
      headers[tenancy.prefixFromHeader.toLowerCase()] ?? '',
      identity,
    ],
  }
}
