// The two forms of remote write that are measured. What is sent in 2.0 is what is sent in 1.0, made into 2.0 as
// Prometheus makes it: a symbol table in the order of use, and metadata that says nothing, as it does by default.

import { decodeWriteRequest } from '../src/dev/decode.ts'
import { snappyBlock } from '../src/dev/encode.ts'
import { encodeRequest2 } from '../src/dev/encode-v2.ts'
import { uncompress } from '../src/wire/snappy.ts'
import type { Body } from './bodies.ts'

/** Remote write 1.0 or 2.0. */
export type Message = 1 | 2

/** Their names in full. */
export const protoOf = { 1: 'prometheus.WriteRequest', 2: 'io.prometheus.write.v2.Request' } as const

/** The Content-Type and the version of a push. */
export const headersOf: Readonly<Record<Message, readonly [contentType: string, version: string]>> = {
  1: ['application/x-protobuf', '0.1.0'],
  2: [`application/x-protobuf;proto=${protoOf[2]}`, '2.0.0'],
}

/** In which form a body is that came with this Content-Type. */
export const messageOf = (contentType: string | undefined): Message => (contentType === headersOf[2][0] ? 2 : 1)

/** A body of 1.0 in the other form. Its metadata, which is that of no series, is left behind. */
export function inMessage2({ compressed }: Body): Body {
  const { series } = decodeWriteRequest(uncompress(compressed, 2 ** 28))
  const raw = encodeRequest2({
    series: series.map(({ labels, samples, histograms, exemplars }) => ({
      labels,
      samples: samples.map(({ bits, tsMs }) => [bits, tsMs]),
      histograms: histograms.map((one) => one.raw),
      exemplars,
      metadata: {},
    })),
  })
  return { compressed: snappyBlock(raw), rawLength: raw.length }
}
