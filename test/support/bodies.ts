// Push bodies from a few words: one sample or one line an item, each at a time of its own where it matters.

import {
  encodeLokiPush,
  encodeWriteRequest,
  type LabelInput,
  type SeriesInput,
  snappyBlock,
  type WriteRequestInput,
} from '../../src/dev/encode.ts'

/** A series of one sample; labels as `name=value`, in this order. */
export const series = (...labels: readonly string[]): SeriesInput => ({
  labels: labels.map(labelOf),
  samples: [[1, 1000]],
})

/** The same, at another time: another body. */
export const at = (tsMs: number, item: SeriesInput): SeriesInput => ({ ...item, samples: [[1, tsMs]] })

/** A compressed remote write 1 body. */
export const write = (items: readonly SeriesInput[], more: Omit<WriteRequestInput, 'series'> = {}): Buffer =>
  snappyBlock(encodeWriteRequest({ series: items, ...more }))

/** A compressed Loki push: streams by their label text, one line each. */
export const logs = (...streams: readonly string[]): Buffer =>
  snappyBlock(encodeLokiPush({ streams: streams.map((labels) => ({ labels, entries: [line] })) }))

const line = { tsNs: 1_000_000_000n, line: 'a line' }

function labelOf(text: string): LabelInput {
  const equals = text.indexOf('=')
  return [text.slice(0, equals), text.slice(equals + 1)]
}
