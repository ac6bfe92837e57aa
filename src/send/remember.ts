// The memory that lets a retry send only what failed. While an answer is outstanding, and after one that asks for a
// retry, it knows how each part of that very request ended; a repeat contacts only tenants that are unfinished.
// The key is a SHA-256 that is computed only when a cheap prefilter says that the bytes may have been seen before,
// or when an answer asks for a retry: a healthy path pays for neither.

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Meter } from '../telemetry/meter.ts'
import { isRetryable, type PartAnswer } from '../tenancy/merge-answers.ts'

/** What makes two pushes the same one. */
export interface PushKey {
  readonly body: Uint8Array
  /** Path, Content-Type, and every header or identity that shapes routing: in a fixed order. */
  readonly context: readonly string[]
}

export interface MemoryOptions {
  readonly meter: Meter
  /** Time in ms that never goes back. */
  readonly now: () => number
  /** Bound of what is kept between requests, in bytes; default 64 MiB. */
  readonly maxBytes?: number
  /** How long an outcome is kept, in ms; default 10 min. */
  readonly maxAgeMs?: number
  /** Longest Retry-After that is kept to, in seconds; default 5 min. */
  readonly maxBackoff?: number
}

interface Remembered {
  readonly answer: PartAnswer
  /** Until then a repeat gets `answer` again, and upstream is not asked. */
  readonly notBefore: number
}

/** One request's parts, shared by all who send the same bytes meanwhile. */
export class Attempt {
  readonly parts = new Map<string, Promise<PartAnswer> | Remembered>()
  /** Pushes that are waiting for their answer. */
  users = 0
  key: PushKey | undefined
  hash: string | undefined
  keptAt = 0
  readonly mark: string
  constructor(key: PushKey, mark: string) {
    this.key = key
    this.mark = mark
  }
}

export class Memory {
  readonly #now: () => number
  readonly #maxAgeMs: number
  readonly #maxBackoff: number
  readonly #meter: Meter
  // Every attempt that is outstanding or kept, by its mark: the prefilter.
  readonly #byMark = new Map<string, Attempt[]>()
  readonly #kept: LRUCache<string, Attempt>

  constructor(options: MemoryOptions) {
    this.#now = options.now
    this.#meter = options.meter
    this.#maxAgeMs = options.maxAgeMs ?? 10 * 60_000
    this.#maxBackoff = options.maxBackoff ?? 300
    this.#kept = new LRUCache({
      maxSize: options.maxBytes ?? 64 << 20,
      sizeCalculation: sizeOf,
      dispose: (attempt) => {
        if (attempt.users === 0) this.#forget(attempt)
      },
    })
  }

  /** The attempt that these bytes belong to, old or new. `end` must follow, once. */
  begin(key: PushKey): Attempt {
    const mark = markOf(key.body)
    let attempt: Attempt | undefined
    const candidates = this.#byMark.get(mark)
    if (candidates !== undefined) {
      this.#expire()
      const hash = hashOf(key)
      attempt = candidates.find((other) => this.#hash(other) === hash)
    }
    if (attempt === undefined) {
      attempt = new Attempt(key, mark)
      const others = this.#byMark.get(mark)
      if (others === undefined) this.#byMark.set(mark, [attempt])
      else others.push(attempt)
    }
    attempt.users++
    return attempt
  }

  /** How the tenant's part ends: as it did before, as an attempt in flight will, or by `send`. */
  part(attempt: Attempt, tenant: string, send: () => Promise<PartAnswer>): Promise<PartAnswer> {
    const known = attempt.parts.get(tenant)
    if (known instanceof Promise) {
      this.#meter.tally('sluice_retry_joined_total').value++
      return known
    }
    if (known !== undefined && (!isRetryable(known.answer) || known.notBefore > this.#now())) {
      this.#meter.tally('sluice_retry_parts_skipped_total').value++
      return Promise.resolve(this.#again(known))
    }
    const sent = send().then((answer) => {
      const seconds = Math.min(answer.retryAfter ?? 0, this.#maxBackoff)
      attempt.parts.set(tenant, { answer: slim(answer), notBefore: seconds > 0 ? this.#now() + seconds * 1000 : 0 })
      return answer
    })
    attempt.parts.set(tenant, sent)
    return sent
  }

  /** The push is answered. It is kept if a repeat is to be expected. */
  end(attempt: Attempt, status: number): void {
    attempt.users--
    const expectsRetry = status >= 500 || status === 429
    if (!expectsRetry) {
      if (attempt.users > 0) return
      if (attempt.hash !== undefined && this.#kept.peek(attempt.hash) === attempt) this.#kept.delete(attempt.hash)
      this.#forget(attempt)
    } else {
      const hash = this.#hash(attempt)
      if (attempt.users === 0) attempt.key = undefined
      attempt.keptAt = this.#now()
      this.#expire()
      this.#kept.set(hash, attempt)
    }
    this.#measure()
  }

  /** The remembered answer, with the time that is left of its Retry-After. */
  #again({ answer, notBefore }: Remembered): PartAnswer {
    if (notBefore === 0) return answer
    return { ...answer, retryAfter: Math.ceil((notBefore - this.#now()) / 1000) }
  }

  #hash(attempt: Attempt): string {
    attempt.hash ??= hashOf(attempt.key as PushKey)
    return attempt.hash
  }

  #expire(): void {
    const oldest = this.#now() - this.#maxAgeMs
    for (;;) {
      const hash = this.#kept.rkeys().next().value
      const attempt = hash === undefined ? undefined : this.#kept.peek(hash)
      if (hash === undefined || attempt === undefined || attempt.keptAt > oldest) return
      this.#kept.delete(hash)
    }
  }

  #forget(attempt: Attempt): void {
    const others = this.#byMark.get(attempt.mark)
    if (others === undefined) return
    const at = others.indexOf(attempt)
    if (at >= 0) others.splice(at, 1)
    if (others.length === 0) this.#byMark.delete(attempt.mark)
  }

  #measure(): void {
    this.#meter.tally('sluice_retry_memory_bytes').value = this.#kept.calculatedSize
    this.#meter.tally('sluice_retry_memory_entries').value = this.#kept.size
  }
}

/** What the prefilter compares: the length and some bytes from all over the body. */
function markOf(body: Uint8Array): string {
  const length = body.length
  let mix = 0
  for (let k = 1; k <= 16; k++) mix = Math.imul(mix ^ (body[Math.floor((length * k) / 17)] ?? 0), 0x01000193)
  return `${length} ${mix}`
}

function hashOf(key: PushKey): string {
  const hash = createHash('sha256')
  for (const text of key.context) hash.update(`${Buffer.byteLength(text)}:${text},`)
  return hash.update(key.body).digest('base64')
}

/** Bytes that a kept attempt is accounted with. */
function sizeOf(attempt: Attempt): number {
  let size = 512
  for (const [tenant, part] of attempt.parts) {
    size += 256 + tenant.length
    if (!(part instanceof Promise)) size += part.answer.text.length + part.answer.body.length
  }
  return size
}

/** The answer without what would hold memory: text is bounded by the lane, a long body is cut. */
function slim(answer: PartAnswer): PartAnswer {
  return answer.body.length <= 1024 ? answer : { ...answer, body: answer.body.slice(0, 1024) }
}
