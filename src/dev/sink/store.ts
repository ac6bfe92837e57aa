// What the test receiver was given, by tenant. Detail is bounded (samples, entries, bytes of text); beyond the bound only
// the counters go on, and `truncated` says so. A duplicate is a series and time that were accepted before.

import type { DecodedExemplar, DecodedLabel, DecodedMetadata, DecodedSeries, DecodedWriteRequest } from '../decode.ts'
import type { DecodedEntry, DecodedLokiPush } from '../decode-loki.ts'
import { SeriesRecord, type StoredSample } from './series-record.ts'
import { seriesText } from './series-text.ts'
import type { Violation } from './violation.ts'

export interface StoredSeries {
  readonly labels: readonly DecodedLabel[]
  /** In order of arrival. */
  readonly samples: readonly StoredSample[]
  readonly exemplars: readonly DecodedExemplar[]
  /** Time in ms, and the Histogram message as hex. */
  readonly histograms: readonly (readonly [tsMs: number, hex: string])[]
}

export interface StoredEntry {
  /** ns since 1970, decimal. */
  readonly tsNs: string
  readonly line: string
  readonly metadata: readonly DecodedLabel[]
}

export interface TenantCounts {
  /** Pushes that were accepted. */
  requests: number
  samples: number
  histograms: number
  exemplars: number
  entries: number
  /** Samples, histograms and entries that had been accepted before. */
  duplicates: number
  /** Samples older than the newest of their series. */
  outOfOrder: number
}

class TenantRecord {
  readonly counts: TenantCounts = {
    requests: 0,
    samples: 0,
    histograms: 0,
    exemplars: 0,
    entries: 0,
    duplicates: 0,
    outOfOrder: 0,
  }
  readonly series = new Map<string, SeriesRecord>()
  readonly streams = new Map<string, { entries: StoredEntry[]; seen: Set<string> }>()
  readonly metadata = new Map<string, DecodedMetadata>()
}

export interface StoreLimits {
  /** Samples, histograms, exemplars, entries and series kept in detail, over all tenants. Default 2,000,000. */
  readonly maxItems?: number
  /** Characters of labels, lines and histograms kept, over all tenants. Default 256 Mi. */
  readonly maxText?: number
}

const MAX_VIOLATIONS = 1000

export class SinkStore {
  readonly #maxItems: number
  readonly #maxText: number
  #tenants = new Map<string, TenantRecord>()
  #violations: (Violation & { tenant: string; path: string })[] = []
  #items = 0
  #text = 0
  /** Violations since the start or the last reset, also those beyond the first 1000. */
  violationCount = 0
  /** The bound was reached: counters are right, details (and duplicates of what is not kept) are not whole. */
  truncated = false

  constructor(limits: StoreLimits = {}) {
    this.#maxItems = limits.maxItems ?? 2_000_000
    this.#maxText = limits.maxText ?? 256 * 1024 * 1024
  }

  /** The first 1000 violations. Tests assert that there are none. */
  get violations(): readonly (Violation & { readonly tenant: string; readonly path: string })[] {
    return this.#violations
  }

  /** Tenants of accepted pushes, sorted. */
  get tenants(): string[] {
    return [...this.#tenants.keys()].sort()
  }

  /** All zero for a tenant that sent nothing. */
  counts(tenant: string): Readonly<TenantCounts> {
    return { ...(this.#tenants.get(tenant) ?? new TenantRecord()).counts }
  }

  /** How many series are kept of a tenant. */
  seriesCount(tenant: string): number {
    return this.#tenants.get(tenant)?.series.size ?? 0
  }

  /** The tenant's series by their text (`up{job="api"}`), in order of arrival. */
  series(tenant: string): Map<string, StoredSeries> {
    const records = this.#tenants.get(tenant)?.series ?? new Map<string, SeriesRecord>()
    return new Map(
      [...records].map(([key, record]) => {
        const { labels, exemplars, histograms } = record
        return [key, { labels, samples: record.samples(), exemplars, histograms }]
      }),
    )
  }

  /** The tenant's log entries by stream label text, in order of arrival. */
  logs(tenant: string): Map<string, readonly StoredEntry[]> {
    const streams = this.#tenants.get(tenant)?.streams ?? new Map<string, { entries: StoredEntry[] }>()
    return new Map([...streams].map(([labels, { entries }]) => [labels, entries]))
  }

  /** The tenant's metadata by family: what was said last. */
  metadata(tenant: string): Map<string, DecodedMetadata> {
    return new Map(this.#tenants.get(tenant)?.metadata)
  }

  addViolations(tenant: string, path: string, violations: readonly Violation[]): void {
    this.violationCount += violations.length
    for (const violation of violations) {
      if (this.#violations.length < MAX_VIOLATIONS) this.#violations.push({ ...violation, tenant, path })
    }
  }

  addMetrics(tenant: string, request: DecodedWriteRequest): void {
    const record = this.#tenant(tenant)
    record.counts.requests++
    for (const series of request.series) this.#addSeries(record, series)
    for (const metadata of request.metadata) {
      if (record.metadata.has(metadata.family) || this.#room(1, metadata.family.length + metadata.help.length)) {
        record.metadata.set(metadata.family, metadata)
      }
    }
  }

  addLogs(tenant: string, push: DecodedLokiPush): void {
    const record = this.#tenant(tenant)
    record.counts.requests++
    for (const { labels, entries } of push.streams) {
      let stream = record.streams.get(labels)
      if (stream === undefined && this.#room(1, labels.length)) {
        stream = { entries: [], seen: new Set() }
        record.streams.set(labels, stream)
      }
      for (const entry of entries) {
        record.counts.entries++
        if (stream === undefined || !this.#room(1, entry.line.length)) continue
        const stored: StoredEntry = { tsNs: entry.tsNs.toString(), line: entry.line, metadata: entry.metadata }
        const key = entryKey(entry)
        if (stream.seen.has(key)) record.counts.duplicates++
        stream.seen.add(key)
        stream.entries.push(stored)
      }
    }
  }

  reset(): void {
    this.#tenants = new Map()
    this.#violations = []
    this.#items = 0
    this.#text = 0
    this.violationCount = 0
    this.truncated = false
  }

  #addSeries({ counts, series: known }: TenantRecord, series: DecodedSeries): void {
    counts.samples += series.samples.length
    counts.histograms += series.histograms.length
    counts.exemplars += series.exemplars.length
    const key = seriesText(series.labels)
    let record = known.get(key)
    if (record === undefined) {
      if (!this.#room(1, key.length)) return
      record = new SeriesRecord(series.labels)
      known.set(key, record)
    }
    for (const { tsMs, bits } of series.samples) {
      if (!this.#room(1, 0)) return
      this.#note(counts, record, tsMs)
      record.addSample(tsMs, bits)
    }
    for (const { tsMs, raw } of series.histograms) {
      if (!this.#room(1, raw.length * 2)) return
      this.#note(counts, record, tsMs)
      record.histograms.push([tsMs, Buffer.from(raw).toString('hex')])
    }
    for (const exemplar of series.exemplars) {
      if (!this.#room(1, 0)) return
      record.exemplars.push(exemplar)
    }
  }

  #note(counts: TenantCounts, record: SeriesRecord, tsMs: number): void {
    const relation = record.note(tsMs)
    if (relation === 'duplicate') counts.duplicates++
    if (relation === 'old') counts.outOfOrder++
  }

  #tenant(tenant: string): TenantRecord {
    let record = this.#tenants.get(tenant)
    if (record === undefined) {
      record = new TenantRecord()
      this.#tenants.set(tenant, record)
    }
    return record
  }

  #room(items: number, text: number): boolean {
    if (this.#items + items > this.#maxItems || this.#text + text > this.#maxText) {
      this.truncated = true
      return false
    }
    this.#items += items
    this.#text += text
    return true
  }
}

function entryKey({ tsNs, line, metadata }: DecodedEntry): string {
  return metadata.length === 0 ? `${tsNs} ${line}` : JSON.stringify([tsNs.toString(), line, metadata])
}
