// One push from end to end: read, split, send each tenant its part, merge the answers.
// Settings come in generations: a push finishes under the one it began with.

import { SluiceError } from '../errors.ts'
import type { Answer, Push } from '../receive/push.ts'
import type { Lane } from '../send/lane.ts'
import { type Attempt, Memory } from '../send/remember.ts'
import { mergeAnswers, type PartAnswer } from '../tenancy/merge-answers.ts'
import { Families } from '../tenancy/metadata.ts'
import { prefixOf } from '../tenancy/route.ts'
import { type Part, type Refusal, type Split, split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import { carriesNothing } from '../wire/loki/codec.ts'
import { compress } from '../wire/snappy.ts'
import { Endpoint } from './endpoint.ts'
import { forwardMetadata, type MetadataDelivery, releaseHeld } from './metadata-delivery.ts'
import { readBatch } from './read-batch.ts'
import { type Reporter, report } from './report.ts'
import type { PipelineSettings } from './settings.ts'

export interface PipelineOptions extends Reporter {
  /** Sent upstream where the sender gave no User-Agent. */
  readonly userAgent: string
  /** Time in ms that never goes back; default performance.now. */
  readonly now?: () => number
  /** Wall clock in ms since 1970; default Date.now. */
  readonly wallClock?: () => number
}

/** Everything that a change of settings replaces. */
export interface Generation {
  readonly number: number
  readonly settings: PipelineSettings
  readonly metrics: Endpoint
  readonly logs: Endpoint
  /** Pushes and metadata under way in it. */
  active: number
  retire: (() => void) | undefined
}

/** Headers of a push that go on upstream. */
const travellingHeaders = ['user-agent', 'retry-attempt', 'traceparent'] as const
const bigBody = 4 << 20

export class Pipeline {
  readonly #options: PipelineOptions
  readonly #now: () => number
  readonly #memory: Memory
  readonly families: Families = new Families()
  #current: Generation
  #bigBodies: Promise<void> = Promise.resolve()
  readonly #housekeeping: NodeJS.Timeout

  constructor(options: PipelineOptions, settings: PipelineSettings) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#memory = new Memory({ meter: options.meter, now: this.#now })
    this.#current = this.#generation(1, settings)
    this.#housekeeping = setInterval(() => this.#keepHouse(), 1000)
    this.#housekeeping.unref()
  }

  get current(): Generation {
    return this.#current
  }

  /** Swaps settings. `retire` of the old generation is called once nothing of it is under way. */
  reload(settings: PipelineSettings, retireOld: () => void): void {
    const old = this.#current
    this.#current = this.#generation(old.number + 1, settings)
    old.retire = retireOld
    this.#retireIfDone(old)
  }

  /** Answers one push. Rejects with SluiceError where the request as a whole is refused. */
  async push(push: Push): Promise<Answer> {
    const generation = this.#current
    generation.active++
    try {
      // Big bodies take the thread for a long time each: one at a time, and others get their turn in between.
      if (push.body.length > bigBody) await this.#turnOfBigBody()
      return await this.#answer(generation, push)
    } finally {
      this.#leave(generation)
    }
  }

  /** Stops the timers. */
  close(): void {
    clearInterval(this.#housekeeping)
    this.#current.metrics.scheduler.close()
    this.#current.logs.scheduler.close()
  }

  #generation(number: number, settings: PipelineSettings): Generation {
    const { meter, wallClock = Date.now } = this.#options
    const { log, userAgent } = this.#options
    const shared = { settings, meter, log, userAgent, now: this.#now, wallClock }
    const forget = (tenant: string): void => {
      const { metrics, logs } = this.#current
      if (metrics.lanes.get(tenant) === undefined && logs.lanes.get(tenant) === undefined) meter.forgetTenant(tenant)
    }
    const metrics = new Endpoint({ ...shared, signal: 'metrics', onTenantRemoved: forget })
    const logs = new Endpoint({ ...shared, signal: 'logs', onTenantRemoved: forget })
    return { number, settings, metrics, logs, active: 0, retire: undefined }
  }

  async #answer(generation: Generation, push: Push): Promise<Answer> {
    const { settings } = generation
    const endpoint = push.kind === 'loki' ? generation.logs : generation.metrics
    const attempt = this.#memory.begin({ body: push.body, context: contextOf(generation, endpoint, push) })
    let status = 0
    try {
      const { sent, rejected, item } = this.#dispatch(generation, endpoint, push, attempt)
      const answers = settings.acceptAll ? acceptedAll(await Promise.all(sent)) : await Promise.all(sent)
      const answer = mergeAnswers(answers, rejected, { maxRetryAfter: settings.maxRetryAfter, item })
      status = answer.status
      return answer
    } finally {
      this.#memory.end(attempt, status)
    }
  }

  /** All that needs the bytes, in one go: nothing uncompressed outlives it. */
  #dispatch(generation: Generation, endpoint: Endpoint, push: Push, attempt: Attempt): Dispatched {
    const { settings } = generation
    const { meter } = this.#options
    const batch = readBatch(push, endpoint.router.watch, settings.maxDecompressedBytes)
    refuseEmpty(batch)
    const { item, signal } = batch.codec
    const prefix = prefixOf(endpoint.router.settings, push.headers)
    const cache = endpoint.cacheOf(prefix)
    const missesBefore = cache.misses
    const divided = split(batch, endpoint.router, prefix, cache)
    const missed = cache.misses - missesBefore
    meter.tally('sluice_route_cache_misses_total').value += missed
    meter.tally('sluice_route_cache_hits_total').value += batch.count - missed
    const { strict, maxTenantsPerRequest, metadata } = endpoint.router.settings
    if (divided.parts.length > maxTenantsPerRequest) throw tooManyTenants(divided.parts.length, maxTenantsPerRequest)
    refuseMultiplied(batch, divided.parts.length, settings.maxDecompressedBytes)
    const { lanes, refused } = settings.dryRun ? nothingOpened : openLanes(endpoint, divided)
    const rejected = [...divided.rejected, ...refused]
    this.#count(batch, endpoint, divided)
    report(this.#options, batch, rejected, push.client)
    report(this.#options, batch, divided.dropped, push.client)
    if (settings.dryRun) return { ...this.#dryRun(divided, signal), item }
    if (strict && rejected.length > 0) return { sent: [], rejected, item }
    if (signal === 'metrics') {
      if (metadata === 'follow') this.families.learn(batch, divided, this.#now())
      if (batch.metadata.length > 0) forwardMetadata(this.#metadataDelivery(generation), endpoint, batch, prefix)
      if (batch.count === 0) return { sent: [metadataTaken], rejected, item }
    }
    const travelling = this.#travelling(push)
    const sent = divided.parts.flatMap((part, k) => {
      const lane = lanes[k]
      if (lane === undefined) return []
      return this.#memory.part(attempt, part.tenant, () => {
        const body = bodyOf(push, batch, divided, part, endpoint.router.settings.keepLabel)
        meter.tally('sluice_upstream_sent_bytes_total', { signal }).value += body.length
        return lane.deliver({ body, samples: part.samples, travelling })
      })
    })
    return { sent, rejected, item }
  }

  #count(batch: Batch, endpoint: Endpoint, divided: Split): void {
    const { meter } = this.#options
    const { signal } = endpoint
    meter.tally('sluice_items_received_total', { signal }).value += batch.count
    let samples = 0
    for (const part of divided.parts) {
      samples += part.samples
      const noun = signal === 'metrics' ? 'timeseries' : 'streams'
      meter.tally(`cortex_tenant_${noun}_received`, { tenant: part.tenant }).value += part.count
    }
    for (const refusal of divided.rejected) samples += refusal.samples
    for (const refusal of divided.dropped) samples += refusal.samples
    meter.tally('sluice_samples_received_total', { signal }).value += samples
  }

  #dryRun(divided: Split, signal: 'metrics' | 'logs'): { sent: Promise<PartAnswer>[]; rejected: Refusal[] } {
    const { meter } = this.#options
    meter.tally('sluice_dry_run_total', { signal }).value++
    for (const { tenant, samples } of divided.parts) {
      meter.tally('sluice_dry_run_samples_total', { tenant, signal }).value += samples
    }
    return { sent: [], rejected: [] }
  }

  #travelling(push: Push): Readonly<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const name of travellingHeaders) {
      const value = push.headers[name]
      if (value !== undefined && value !== '') found[name] = value
    }
    return found
  }

  #metadataDelivery(generation: Generation): MetadataDelivery {
    return {
      families: this.families,
      meter: this.#options.meter,
      now: this.#now,
      track: (work) => {
        generation.active++
        void work.finally(() => this.#leave(generation))
      },
    }
  }

  #turnOfBigBody(): Promise<void> {
    const turn = this.#bigBodies
    this.#bigBodies = turn.then(() => new Promise((resolve) => setImmediate(resolve)))
    return turn
  }

  #leave(generation: Generation): void {
    generation.active--
    this.#retireIfDone(generation)
  }

  #retireIfDone(generation: Generation): void {
    if (generation === this.#current || generation.active > 0) return
    generation.retire?.()
    generation.retire = undefined
  }

  #keepHouse(): void {
    const { metrics, logs } = this.#current
    metrics.lanes.removeIdle()
    logs.lanes.removeIdle()
    releaseHeld(this.#metadataDelivery(this.#current), metrics)
  }
}

interface Dispatched {
  readonly sent: readonly Promise<PartAnswer>[]
  readonly rejected: readonly Refusal[]
  readonly item: string
}

const nothingOpened = { lanes: [], refused: [] } as const

/** A request of metadata alone is taken whatever becomes of it: best effort. */
const metadataTaken: Promise<PartAnswer> = Promise.resolve({
  tenant: '',
  status: 200,
  answered: true,
  text: '',
  body: new Uint8Array(0),
  contentType: undefined,
  retryAfter: undefined,
})

function acceptedAll(answers: readonly PartAnswer[]): PartAnswer[] {
  return answers.map((answer) => ({ ...answer, status: 204 }))
}

function refuseEmpty(batch: Batch): void {
  if (batch.codec.signal === 'logs') {
    if (carriesNothing(batch)) throw new SluiceError('EMPTY_PUSH', 'the push carries no log entry')
  } else if (batch.count === 0 && batch.metadata.length === 0) {
    throw new SluiceError('EMPTY_REQUEST', 'No timeseries found in the request')
  }
}

/** A lane for each part, in order; parts beyond `max_tenants` have none and are refused. */
function openLanes(endpoint: Endpoint, divided: Split): { lanes: (Lane | undefined)[]; refused: Refusal[] } {
  const refused: Refusal[] = []
  const lanes = divided.parts.map((part) => {
    const lane = endpoint.lanes.open(part.tenant)
    if (lane === undefined) refused.push(beyondMaxTenants(endpoint, part))
    return lane
  })
  return { lanes, refused }
}

function beyondMaxTenants(endpoint: Endpoint, part: Part): Refusal {
  const { maxTenants } = endpoint.router.settings
  const detail = `there are ${maxTenants} tenants already (tenancy.max_tenants); ${JSON.stringify(part.tenant)} is one more`
  return {
    outcome: { kind: 'rejected', reason: 'max_tenants', rule: 'max_tenants', detail, tenant: part.tenant },
    count: part.count,
    samples: part.samples,
    example: part.indexes[0] as number,
  }
}

function tooManyTenants(tenants: number, allowed: number): SluiceError {
  return new SluiceError(
    'TOO_MANY_TENANTS',
    `the request is for ${tenants} tenants; ${allowed} are allowed (tenancy.max_tenants_per_request); nothing was sent`,
  )
}

/** Unknown top-level fields go into every part: what one body carries once must not leave, or fill memory, a thousandfold. */
function refuseMultiplied(batch: Batch, parts: number, maxBytes: number): void {
  let bytes = 0
  for (const { start, end } of batch.unknown) bytes += end - start
  if (bytes * (parts - 1) <= maxBytes) return
  throw new SluiceError(
    'DECOMPRESSED_TOO_LARGE',
    `${bytes} bytes of unknown top-level fields, once for each of ${parts} tenants, are over the limit of ${maxBytes} ` +
      'bytes (receive.max_decompressed_size); nothing was sent',
  )
}

/** Everything besides the body that makes two pushes the same one. */
function contextOf(generation: Generation, endpoint: Endpoint, push: Push): string[] {
  const { header, prefixFromHeader } = endpoint.router.settings
  const { headers } = push
  return [
    String(generation.number),
    push.path,
    headers['content-type'] ?? '',
    push.encoding,
    headers[header.toLowerCase()] ?? '',
    headers[prefixFromHeader.toLowerCase()] ?? '',
  ]
}

/** The compressed body of a part. A request of one tenant that needs no rewriting goes out as it came in. */
function bodyOf(push: Push, batch: Batch, divided: Split, part: Part, keepLabel: boolean): Uint8Array {
  const whole = divided.parts.length === 1 && part.count === batch.count && batch.metadata.length === 0
  if (whole && !part.rewrites && push.encoding === 'snappy' && push.format === 'protobuf') return push.body
  return compress(batch.codec.gather(batch, part.indexes, part.count, !keepLabel))
}
