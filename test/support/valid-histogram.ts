// What Prometheus's receiver asks of a native histogram (model/histogram, Validate): buckets as many as their spans say,
// never negative, and together as many observations as the histogram counts.

import type { MessageShape } from '@bufbuild/protobuf'
import type { HistogramSchema } from '../oracle/gen/prometheus_pb.ts'

type Histogram = MessageShape<typeof HistogramSchema>

const CUSTOM_BUCKETS = -53

/** Why it is refused, or undefined. Bits of `sum` don't matter: a stale marker is valid. */
export function histogramFault(h: Histogram): string | undefined {
  const { schema, customValues } = h
  const isCustom = schema === CUSTOM_BUCKETS
  if (!isCustom && (schema < -4 || schema > 52)) return `schema ${schema} is unknown`
  if (!isCustom && customValues.length > 0) return 'custom bounds in a histogram without custom buckets'
  if (isCustom) {
    if (customValues.some((bound, k) => !Number.isFinite(bound) || (k > 0 && bound <= customValues[k - 1]!)))
      return 'custom bounds do not rise'
    if (h.negativeSpans.length > 0 || h.zeroThreshold !== 0) return 'custom buckets beside others'
  }
  const isFloat = h.count.case === 'countFloat'
  const buckets = [
    bucketsOf(h.negativeSpans, isFloat ? h.negativeCounts : runningSum(h.negativeDeltas)),
    bucketsOf(h.positiveSpans, isFloat ? h.positiveCounts : runningSum(h.positiveDeltas)),
  ]
  const fault = buckets.find((one) => typeof one === 'string')
  if (fault !== undefined) return fault as string
  const total = [Number(h.zeroCount.value ?? 0), ...(buckets as number[])].reduce((sum, one) => sum + one, 0)
  const count = Number(h.count.value ?? 0)
  if (Number.isNaN(h.sum) ? total > count : total !== count) return `${total} observations in buckets, ${count} counted`
  return undefined
}

function runningSum(deltas: readonly bigint[]): number[] {
  let last = 0
  return deltas.map((delta) => (last += Number(delta)))
}

/** What is in the buckets, or what is wrong with them. */
function bucketsOf(spans: Histogram['positiveSpans'], counts: readonly number[]): number | string {
  if (spans.some(({ offset }, k) => k > 0 && offset < 0)) return 'a span goes back'
  const told = spans.reduce((sum, { length }) => sum + length, 0)
  if (told !== counts.length) return `spans tell of ${told} buckets, there are ${counts.length}`
  if (counts.some((count) => count < 0)) return 'a bucket is negative'
  return counts.reduce((sum, count) => sum + count, 0)
}
