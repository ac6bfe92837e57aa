// The codec that a stored body needs, by the protocol that was noted with it.

import type { Codec } from './codec.ts'
import { lokiPush } from './loki/codec.ts'
import { remoteWrite1 } from './v1/codec.ts'

const all = [remoteWrite1, lokiPush]

/** undefined: a protocol of another version of Sluice. */
export function codecOf(protocol: string): Codec | undefined {
  return all.find((codec) => codec.protocol === protocol)
}
