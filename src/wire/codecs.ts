// Every protocol by its name, as stored batches name theirs.

import type { Codec } from './codec.ts'
import { lokiPush } from './loki/codec.ts'
import { remoteWrite1 } from './v1/codec.ts'
import { remoteWrite2 } from './v2/codec.ts'

export type Protocol = Codec['protocol']

export const codecs: Readonly<Record<Protocol, Codec>> = {
  'remote-write-1': remoteWrite1,
  'remote-write-2': remoteWrite2,
  loki: lokiPush,
}

/** undefined: this program knows no protocol of that name. */
export const codecNamed = (name: string): Codec | undefined =>
  Object.hasOwn(codecs, name) ? codecs[name as Protocol] : undefined
