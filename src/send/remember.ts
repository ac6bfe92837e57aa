// The memory that lets a retry send only what failed. While an answer is outstanding, and after one that asks for a
// retry, it knows how each part of that very request ended; a repeat contacts only tenants that are unfinished.
// The key is a SHA-256 that is computed only when a cheap prefilter says that the bytes may have been seen before,
// or when an answer asks for a retry: a healthy path pays for neither.

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Meter, Tally } from '../telemetry/meter.ts'
import { isRetryable, type PartAnswer } from '../tenancy/merge-answers.ts'
import { sharedSignal } from './shared-signal.ts'

/** What makes two pushes the same one. */
export interface PushKey {
  readonly body: Uint8Array
  /**
   * Path, Content-Type, and every header or identity that shapes routing: in a fixed order. The first one is looked at
   * before any hash is computed: it had better tell apart what often comes with equal bytes.
   */
  readonly context: readonly string[]
}

export interface MemoryOptions {
  readonly meter: Meter
  /** Time in ms that never goes back. */
  readonly now: () => number
  /** Bound of what is kept between requests, in bytes; default 64 MiB. */
  readonly maxBytes?: number
  /** How long an outcome is kept after the last answer that asked for a retry, in ms; default 10 min. */
  readonly maxAgeMs?: number
  /** Longest Retry-After that is kept to, in seconds; default 5 min. */
  readonly maxBackoff?: number
}

/** One tenant's part: an attempt in flight, or how the last one ended. */
class PartState {
  pending: Promise<PartAnswer> | undefined
  answer: PartAnswer | undefined
  /** Until then a repeat gets `answer` again, and upstream is not asked; 0: a repeat may be sent at once. */
  notBefore = 0
}

const keptBody = 1024
const noBody = new Uint8Array(0)

/** One request's parts, shared by all who send the same bytes meanwhile. */
export class Attempt {
  readonly parts = new Map<string, PartState>()
  /** Pushes that are waiting for their answer. */
  users = 0
  /** Ends the parts in flight; there once a push that can be aborted has asked for it. */
  abort: AbortController | undefined
  /** Only while it is needed to compute `hash`. */
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
  readonly #joined: Tally
  readonly #skipped: Tally
  readonly #bytes: Tally
  readonly #entries: Tally
  // Every attempt that is outstanding or kept, by its mark: the prefilter.
  readonly #byMark = new Map<string, Attempt[]>()
  // By hash, the one kept for longest first.
  readonly #kept: LRUCache<string, Attempt>

  constructor(options: MemoryOptions) {
    const { meter } = options
    this.#now = options.now
    this.#joined = meter.tally('sluice_retry_joined_total')
    this.#skipped = meter.tally('sluice_retry_parts_skipped_total')
    this.#bytes = meter.tally('sluice_retry_memory_bytes')
    this.#entries = meter.tally('sluice_retry_memory_entries')
    this.#maxAgeMs = options.maxAgeMs ?? 10 * 60_000
    this.#maxBackoff = options.maxBackoff ?? 300
    this.#kept = new LRUCache({
      maxSize: options.maxBytes ?? 64 << 20,
      sizeCalculation: sizeOf,
      dispose: (attempt, _hash, reason) => {
        if (reason === 'evict') this.#forgetIfUnused(attempt)
      },
    })
  }

  /** The attempt that these bytes belong to, old or new. `end` must follow, once. */
  begin(key: PushKey): Attempt {
    const mark = markOf(key)
    const attempt = this.#find(key, mark) ?? this.#add(new Attempt(key, mark))
    attempt.users++
    return attempt
  }

  /** An attempt that nobody will repeat: nothing of it is remembered, and `end` does not follow. */
  once(): Attempt {
    return new Attempt({ body: noBody, context: [] }, '')
  }

  /** `part` would not send it: it is in flight, or how it ended still stands. */
  knows(attempt: Attempt, tenant: string): boolean {
    const { pending, answer, notBefore = 0 } = attempt.parts.get(tenant) ?? {}
    return pending !== undefined || (answer !== undefined && (!isRetryable(answer) || notBefore > this.#now()))
  }

  /** How the tenant's part ends: as it did before, as an attempt in flight will, or by `send`, which never rejects. */
  part(attempt: Attempt, tenant: string, send: () => Promise<PartAnswer>): Promise<PartAnswer> {
    let state = attempt.parts.get(tenant)
    if (state === undefined) {
      state = new PartState()
      attempt.parts.set(tenant, state)
    }
    const { pending, answer, notBefore } = state
    if (pending !== undefined) {
      this.#joined.value++
      return pending
    }
    if (answer !== undefined && this.knows(attempt, tenant)) {
      this.#skipped.value++
      return Promise.resolve(this.#again(answer, notBefore))
    }
    const sent = send().then((ended) => {
      // Of a part that was given up, only that it was delivered after all is worth knowing.
      if (state.pending === sent) this.#settle(state, ended)
      else if (state.pending === undefined && ended.status < 300) state.answer = slim(ended)
      return ended
    })
    state.pending = sent
    return sent
  }

  /** Aborted once every push that waits for this attempt has been aborted: all of them wait for all of its parts. */
  signalOf(attempt: Attempt): AbortSignal {
    attempt.abort ??= new AbortController()
    return sharedSignal(attempt.abort.signal)
  }

  /**
   * The push was aborted; it takes the place of `end`. What was delivered by then is kept, as a sender that gives up
   * mostly comes again. Parts that nobody waits for any more are aborted, and a repeat sends them anew.
   */
  abandon(attempt: Attempt, reason: unknown): void {
    const { abort } = attempt
    if (attempt.users === 1) {
      for (const state of attempt.parts.values()) state.pending = undefined
      attempt.abort = undefined
    }
    this.end(attempt, 504)
    if (attempt.users === 0) abort?.abort(reason)
  }

  /** The push is answered with this status. What is known of its parts is kept if a repeat is to be expected. */
  end(attempt: Attempt, status: number): void {
    if (--attempt.users === 0) attempt.abort = undefined
    if ((status >= 500 || status === 429) && attempt.parts.size > 0) this.#keep(attempt)
    else if (attempt.users === 0) this.#drop(attempt)
    this.#measure()
  }

  /** Forgets what has been kept for too long. */
  expire(): void {
    const oldest = this.#now() - this.#maxAgeMs
    for (;;) {
      const hash = this.#kept.rkeys().next().value
      const attempt = hash === undefined ? undefined : this.#kept.peek(hash)
      if (hash === undefined || attempt === undefined || attempt.keptAt > oldest) break
      this.#kept.delete(hash)
      this.#forgetIfUnused(attempt)
    }
    this.#measure()
  }

  #find(key: PushKey, mark: string): Attempt | undefined {
    if (!this.#byMark.has(mark)) return undefined
    this.expire()
    const hash = hashOf(key)
    return this.#byMark.get(mark)?.find((other) => hashOfAttempt(other) === hash)
  }

  #add(attempt: Attempt): Attempt {
    const others = this.#byMark.get(attempt.mark)
    if (others === undefined) this.#byMark.set(attempt.mark, [attempt])
    else others.push(attempt)
    return attempt
  }

  #keep(attempt: Attempt): void {
    const hash = hashOfAttempt(attempt)
    // Out and in again: its size may have changed, and it is the latest now.
    this.#kept.delete(hash)
    attempt.keptAt = this.#now()
    for (const state of attempt.parts.values()) state.answer = state.answer && slim(state.answer)
    this.#kept.set(hash, attempt)
    if (!this.#kept.has(hash)) this.#forgetIfUnused(attempt)
  }

  #drop(attempt: Attempt): void {
    if (attempt.hash !== undefined && this.#kept.peek(attempt.hash) === attempt) this.#kept.delete(attempt.hash)
    this.#forgetIfUnused(attempt)
  }

  /** Whoever uses it still will find it by the mark, and settles what becomes of it when done. */
  #forgetIfUnused(attempt: Attempt): void {
    if (attempt.users > 0) return
    const others = this.#byMark.get(attempt.mark)
    if (others === undefined) return
    const at = others.indexOf(attempt)
    if (at >= 0) others.splice(at, 1)
    if (others.length === 0) this.#byMark.delete(attempt.mark)
  }

  #settle(state: PartState, answer: PartAnswer): void {
    const seconds = Math.min(answer.retryAfter ?? 0, this.#maxBackoff)
    state.pending = undefined
    state.answer = answer
    state.notBefore = seconds > 0 ? this.#now() + seconds * 1000 : 0
  }

  /** The remembered answer, with the time that is left of its Retry-After. */
  #again(answer: PartAnswer, notBefore: number): PartAnswer {
    if (notBefore === 0) return answer
    return { ...answer, retryAfter: Math.ceil((notBefore - this.#now()) / 1000) }
  }

  #measure(): void {
    this.#bytes.value = this.#kept.calculatedSize
    this.#entries.value = this.#kept.size
  }
}

/** What the prefilter compares: some context, the length and some bytes from all over the body. */
function markOf({ body, context }: PushKey): string {
  const { length } = body
  let mix = 0
  for (let k = 1; k <= 16; k++) mix = Math.imul(mix ^ (body[Math.floor((length * k) / 17)] ?? 0), 0x01000193)
  return `${length} ${mix} ${context[0]}`
}

function hashOf(key: PushKey): string {
  const hash = createHash('sha256')
  for (const text of key.context) hash.update(`${Buffer.byteLength(text)}:${text},`)
  return hash.update(key.body).digest('base64')
}

function hashOfAttempt(attempt: Attempt): string {
  attempt.hash ??= hashOf(attempt.key as PushKey)
  attempt.key = undefined
  return attempt.hash
}

/** Bytes that a kept attempt is accounted with. */
function sizeOf(attempt: Attempt): number {
  let size = 512
  for (const [tenant, { answer }] of attempt.parts) {
    size += 256 + tenant.length
    if (answer !== undefined) size += answer.text.length + answer.body.length
  }
  return size
}

/** The answer in memory of its own. A long body goes: half of one would say less than none. */
function slim(answer: PartAnswer): PartAnswer {
  const { body } = answer
  if (answer.response !== undefined || answer.error !== undefined || answer.unsentOf !== undefined) {
    const { response: _response, error: _error, unsentOf: _unsentOf, ...rest } = answer
    return slim(rest)
  }
  if (body.length === 0) return answer
  return { ...answer, body: body.length > keptBody ? noBody : new Uint8Array(body) }
}
