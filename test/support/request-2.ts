// Remote write 2 bodies for tests: made of a few words, and read back with the rules of their symbol table proved.

import type { DecodedWriteRequest } from '../../src/dev/decode.ts'
import { decodeWriteRequest, snappyBlock } from '../../src/dev/encode.ts'
import { encodeRequest2, type Request2Input, type SeriesInput2 } from '../../src/dev/encode-v2.ts'
import { toRemoteWrite1 } from '../../src/wire/convert/to-v1.ts'
import type { HttpResponse } from '../../src/wire/message.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { decode, schemas } from '../oracle/codec.ts'

export const contentType2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'

/** A compressed body. */
export const request2 = (series: readonly SeriesInput2[], more: Omit<Request2Input, 'series'> = {}): Buffer =>
  snappyBlock(encodeRequest2({ series, ...more }))

/** Labels as `name=value`, in this order; one sample. */
export const series2 = (tsMs: number, ...labels: readonly string[]): SeriesInput2 => ({
  labels: labels.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  samples: [[1, tsMs]],
})

/** A compressed body's message, by the generated codec. Throws where it, or its symbol table, is not as receivers want it. */
export function read2(body: Uint8Array) {
  const message = decode(schemas.request2, uncompress(body, 64 << 20))
  if (message === undefined) throw new Error('not a 2.0 body')
  const { symbols, timeseries } = message
  if (symbols[0] !== '') throw new Error('the first symbol is not empty')
  if (new Set(symbols).size !== symbols.length) throw new Error('a symbol is there twice')
  const labels = timeseries.flatMap((one) => [one.labelsRefs, ...one.exemplars.map((exemplar) => exemplar.labelsRefs)])
  if (labels.some((refs) => refs.length % 2 !== 0)) throw new Error('references are not in pairs')
  const more = timeseries.flatMap(({ metadata }) =>
    metadata === undefined ? [] : [metadata.helpRef, metadata.unitRef],
  )
  const used = new Set([0, ...labels.flat(), ...more])
  if (Math.max(...used) >= symbols.length) throw new Error('a reference leads nowhere')
  if (used.size !== symbols.length) throw new Error('a symbol is not used')
  return message
}

/** A compressed body of either form, by its Content-Type, as 1.0 has it. */
export function readEither(contentType: string, body: Uint8Array): DecodedWriteRequest {
  const bytes = uncompress(body, 64 << 20)
  if (!contentType.includes('v2.Request')) return decodeWriteRequest(bytes)
  read2(body)
  return decodeWriteRequest(toRemoteWrite1(bytes).body)
}

/** The three headers. */
export const written2 = (samples: number, histograms = 0, exemplars = 0): HttpResponse['headers'] => ({
  'x-prometheus-remote-write-samples-written': String(samples),
  'x-prometheus-remote-write-histograms-written': String(histograms),
  'x-prometheus-remote-write-exemplars-written': String(exemplars),
})

/** All of it is written. */
export function allWritten2(body: Uint8Array): HttpResponse['headers'] {
  const { timeseries } = read2(body)
  const sum = (of: 'samples' | 'histograms' | 'exemplars') =>
    timeseries.reduce((total, series) => total + series[of].length, 0)
  return written2(sum('samples'), sum('histograms'), sum('exemplars'))
}
