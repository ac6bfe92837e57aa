// A backend for conformance tests. It judges series one by one as Prometheus's receiver does: what is right is written,
// what is wrong is told in a 400, and the Written headers of 2.0 say how much was. Or it is one of the kinds of receiver
// that know 1.x alone.

import { fromBinary } from '@bufbuild/protobuf'
import type { DecodedMetadata, DecodedSeries } from '../../src/dev/decode.ts'
import { type DecodedSeries2, decodeRequest2 } from '../../src/dev/decode-v2.ts'
import { decodeWriteRequest } from '../../src/dev/encode.ts'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { HistogramSchema } from '../oracle/gen/prometheus_pb.ts'
import { contentType2, written2 } from './request-2.ts'
import { type Arrival, startTenantUpstream, type Told } from './tenant-upstream.ts'
import { histogramFault } from './valid-histogram.ts'

/** What it answers to 2.0: takes it, or as receivers of 1.x do: 415; 400 of old; 2xx of who looks at no type. */
export type Speaks = '2.0' | '1.x by 415' | '1.x by 400' | '1.x by 204'

export interface Writing {
  readonly form: 1 | 2
  readonly tenant: string
  readonly status: number
  readonly body: Buffer
  /** A line for each sample, histogram, exemplar and record of metadata that was written; see `linesOf`. */
  readonly lines: readonly string[]
  /** Of what was written: samples, histograms, exemplars. */
  readonly counts: readonly [samples: number, histograms: number, exemplars: number]
}

export interface StrictReceiver {
  readonly url: string
  /** Rules of remote write that what came broke, apart from those for series: no request of Sluice's may. */
  readonly broken: readonly string[]
  /** Requests that were read, since the last call. */
  take(): Writing[]
}

/** Ends with the test. */
export async function startStrictReceiver(speaks: Speaks): Promise<StrictReceiver> {
  let writings: Writing[] = []
  const broken: string[] = []
  const upstream = await startTenantUpstream((arrival): Told => {
    broken.push(...brokenRules(arrival))
    const form = arrival.headers['content-type'] === contentType2 ? 2 : 1
    if (form === 2 && speaks !== '2.0') return { status: Number(speaks.slice(-3)), text: 'No timeseries found' }
    const { written, refused, metadata, unknown } = judge(form, uncompress(arrival.body, 64 << 20), broken)
    const count = (of: 'samples' | 'histograms' | 'exemplars') => written.reduce((sum, one) => sum + one[of].length, 0)
    const counts = [count('samples'), count('histograms'), count('exemplars')] as const
    const status = refused.length > 0 ? 400 : 204
    const { tenant, body } = arrival
    writings.push({ form, tenant, status, body, lines: [...linesOf(written, metadata), ...unknown], counts })
    return { status, text: refused.join('\n'), headers: form === 2 ? written2(...counts) : {} }
  })
  return {
    url: upstream.url,
    broken,
    take: () => {
      const all = writings
      writings = []
      return all
    },
  }
}

/** Headers and method (spec 1.0 and 2.0, "Protocol"). */
function brokenRules({ method, headers }: Arrival): string[] {
  const wants: Record<string, RegExp> = {
    'content-encoding': /^snappy$/,
    'content-type': /^application\/x-protobuf(;proto=io\.prometheus\.write\.v2\.Request)?$/,
    'user-agent': /./,
    'x-prometheus-remote-write-version': headers['content-type'] === contentType2 ? /^2\.0\.0$/ : /^0\.1\.0$/,
  }
  const wrong = Object.keys(wants).filter((name) => !wants[name]!.test(headers[name] ?? ''))
  return [...(method === 'POST' ? [] : [method]), ...wrong.map((name) => `${name}: ${headers[name]}`)]
}

interface Judged {
  readonly written: readonly Any[]
  readonly refused: readonly string[]
  readonly metadata: readonly DecodedMetadata[]
  /** Fields of the request itself that neither form has. */
  readonly unknown: readonly string[]
}
type Any = DecodedSeries & Pick<DecodedSeries2, 'metadata' | 'fault'>

function judge(form: 1 | 2, bytes: Uint8Array, broken: string[]): Judged {
  const { series, badUtf8, metadata, tableFaults, unknown } = {
    metadata: [],
    tableFaults: [],
    ...(form === 2 ? decodeRequest2(bytes) : decodeWriteRequest(bytes)),
  }
  broken.push(...tableFaults.map(({ text }) => text))
  if (badUtf8 > 0) return { written: [], refused: ['not UTF-8'], metadata: [], unknown: [] }
  const written: Any[] = []
  const refused: string[] = []
  for (const one of series as readonly Any[]) {
    const fault = faultOf(one, form)
    if (fault === undefined) written.push(one)
    else refused.push(`${fault} in ${seriesText(one.labels)}`)
  }
  return {
    written,
    refused,
    metadata,
    unknown: unknown.map(({ raw }) => `unknown ${Buffer.from(raw).toString('hex')}`),
  }
}

function faultOf({ labels, samples, histograms, fault }: Any, form: 1 | 2): string | undefined {
  if (fault !== undefined) return fault
  const names = labels.map(([name]) => name)
  if (!labels.some(([name, value]) => name === '__name__' && value !== '')) return 'no metric name'
  if (new Set(names).size !== names.length) return 'a label twice'
  if (form === 2 && samples.length + histograms.length === 0) return 'neither sample nor histogram'
  if (form === 2 && samples.length > 0 && histograms.length > 0) return 'both samples and histograms'
  return histograms.map(({ raw }) => histogramFault(fromBinary(HistogramSchema, raw))).find((one) => one !== undefined)
}

/** One text for all that says the same, in whatever form and order: in order of their text. */
export function linesOf(series: readonly Any[], metadata: readonly DecodedMetadata[] = []): string[] {
  const lines = new Set<string>()
  const note = ({ family, type, help, unit }: DecodedMetadata) =>
    lines.add(`${family} is ${type} ${JSON.stringify([help, unit])}`)
  for (const one of series) {
    const of = seriesText(one.labels.toSorted(byName))
    for (const { bits, tsMs, ...more } of one.samples) {
      const { startMs = 0 } = more as { startMs?: number }
      lines.add(`${of} ${bits.toString(16)}@${tsMs}${startMs === 0 ? '' : ` since ${startMs}`}`)
    }
    for (const { raw } of one.histograms) lines.add(`${of} histogram ${Buffer.from(raw).toString('hex')}`)
    for (const { labels, value, tsMs } of one.exemplars)
      lines.add(`${of} exemplar ${seriesText(labels.toSorted(byName))} ${value}@${tsMs}`)
    for (const { raw } of one.unknown) lines.add(`${of} unknown ${Buffer.from(raw).toString('hex')}`)
    if (one.metadata !== undefined)
      note({ family: one.labels.find(([name]) => name === '__name__')?.[1] ?? '', ...one.metadata })
  }
  for (const one of metadata) note(one)
  return [...lines].sort()
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0)
