// What a decoded remote write 2 push has to obey: the rules of its symbol table and of series, and those for labels and
// samples that remote write 1.0 has, too. Pure.

import type { DecodedMetadata, DecodedWriteRequest } from '../decode.ts'
import type { DecodedRequest2, DecodedSeries2, TableFault } from '../decode-v2.ts'
import { checkSeries } from './check-body.ts'
import { seriesText } from './series-text.ts'
import type { Rule, Violation } from './violation.ts'

const rules: Readonly<Record<TableFault['kind'], Rule>> = {
  first: 'symbols-first',
  duplicate: 'symbols-duplicate',
  unused: 'symbols-unused',
}

export function checkRequest2(request: DecodedRequest2): Violation[] {
  const found: Violation[] = []
  if (request.series.length === 0) found.push({ rule: 'empty-request', text: 'the request holds no series' })
  if (request.badUtf8 > 0) found.push({ rule: 'utf8', text: `${request.badUtf8} symbols are not UTF-8` })
  for (const { kind, text } of request.tableFaults) found.push({ rule: rules[kind], text })
  for (const series of request.series) checkSeries2(series, found)
  return found
}

function checkSeries2(series: DecodedSeries2, found: Violation[]): void {
  const { labels, samples, histograms, fault } = series
  const say = (rule: Rule, text: string): void => {
    found.push({ rule, text: `series ${seriesText(labels)}: ${text}` })
  }
  if (fault !== undefined) {
    say('symbol-reference', fault)
    return
  }
  checkSeries(series, found)
  if (!labels.some(([name, value]) => name === '__name__' && value !== '')) say('metric-name', 'no metric name')
  if (samples.length + histograms.length === 0) say('no-data', 'neither samples nor histograms')
  if (samples.length > 0 && histograms.length > 0) say('mixed-data', 'both samples and histograms')
}

/** The same as a remote write 1 request, as the store takes it: metadata is that of the metric's name. */
export function asRemoteWrite1({ series, unknown, badUtf8 }: DecodedRequest2): DecodedWriteRequest {
  const metadata = series.flatMap(({ labels, metadata }): DecodedMetadata[] => {
    const family = labels.find(([name]) => name === '__name__')?.[1] ?? ''
    return metadata === undefined ? [] : [{ family, ...metadata }]
  })
  return { series: [...series], metadata, unknown, badUtf8 }
}
