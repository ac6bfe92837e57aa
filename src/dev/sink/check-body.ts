// What a decoded push has to obey: the label and sample rules of remote write 1.0, and Loki's. Pure. Every fault of the
// body is reported once a series or stream, so that one bad body cannot hide another rule.

import type { DecodedLabel, DecodedSeries, DecodedWriteRequest } from '../decode.ts'
import type { DecodedLokiPush } from '../decode-loki.ts'
import { seriesText } from './series-text.ts'
import { readStreamLabels } from './stream-labels.ts'
import type { Violation } from './violation.ts'

export function checkWriteRequest(request: DecodedWriteRequest): Violation[] {
  const found: Violation[] = []
  if (request.series.length === 0 && request.metadata.length === 0) {
    found.push({ rule: 'empty-request', text: 'the request holds neither series nor metadata' })
  }
  if (request.badUtf8 > 0) found.push({ rule: 'utf8', text: `${request.badUtf8} strings are not UTF-8` })
  for (const series of request.series) checkSeries(series, found)
  return found
}

/** The rules for one series of either remote write. */
export function checkSeries(series: DecodedSeries, found: Violation[]): void {
  checkLabels(series.labels, 'series', found, true)
  for (let i = 1; i < series.samples.length; i++) {
    const [earlier, later] = [series.samples[i - 1]?.tsMs ?? 0, series.samples[i]?.tsMs ?? 0]
    if (later >= earlier) continue
    found.push({
      rule: 'sample-order',
      text: `series ${seriesText(series.labels)}: sample at ${later} after ${earlier}`,
    })
    break
  }
}

function checkLabels(labels: readonly DecodedLabel[], what: string, found: Violation[], sorted: boolean): void {
  const say = (rule: Violation['rule'], fault: string): void => {
    found.push({ rule, text: `${what} ${seriesText(labels)}: ${fault}` })
  }
  if (labels.length === 0) say('no-labels', 'no labels at all')
  if (labels.some(([name]) => name === '')) say('label-name-empty', 'a label has no name')
  const empty = sorted ? labels.find(([, value]) => value === '') : undefined
  if (empty !== undefined) say('label-value-empty', `label ${empty[0]} has no value`)
  const names = new Set<string>()
  const repeated = labels.find(([name]) => names.size === names.add(name).size)
  if (repeated !== undefined) say('label-duplicate', `label ${repeated[0]} occurs twice`)
  if (!sorted) return
  for (let i = 1; i < labels.length; i++) {
    const [before, after] = [labels[i - 1]?.[0] ?? '', labels[i]?.[0] ?? '']
    if (compareBytes(before, after) <= 0) continue
    say('label-order', `labels are not sorted: ${after} after ${before}`)
    break
  }
}

/** Order of the UTF-8 bytes, which is that of code points: surrogates come after U+E000 to U+FFFF, not before. */
function compareBytes(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (one !== other) return rank(one) - rank(other)
  }
  return a.length - b.length
}

const rank = (unit: number): number => (unit < 0xd800 || unit > 0xdfff ? unit : unit + 0x10000)

export function checkLokiPush(push: DecodedLokiPush): Violation[] {
  const found: Violation[] = []
  if (!push.streams.some(({ entries }) => entries.length > 0)) {
    found.push({ rule: 'empty-push', text: 'the push holds no entry' })
  }
  if (push.badUtf8 > 0) found.push({ rule: 'utf8', text: `${push.badUtf8} strings are not UTF-8` })
  if (push.badNanos > 0) {
    found.push({ rule: 'entry-timestamp', text: `${push.badNanos} timestamps have nanoseconds outside of a second` })
  }
  for (const stream of push.streams) {
    const labels = readStreamLabels(stream.labels)
    if (typeof labels === 'string') found.push({ rule: 'stream-labels', text: labels })
    else checkLabels(labels, 'stream', found, false)
  }
  return found
}
