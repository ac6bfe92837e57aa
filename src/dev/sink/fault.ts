// What is wrong, on purpose, with the test receiver: one fault a tenant, or one for all that have none of their own.

export interface Fault {
  /** Answered instead of the usual 204. Samples are kept only with 2xx (or `store`). 200 to 599. */
  readonly status?: number
  /** Text of that answer. Default: one that names the fault. */
  readonly body?: string
  /** `Retry-After` of that answer: seconds, or the header's own text. */
  readonly retryAfter?: number | string
  /** Waits this long, in ms, before anything else. At most 10 minutes. */
  readonly delayMs?: number
  /** Reads the request and never answers. The connection stays open until its client or the sink closes. */
  readonly hang?: boolean
  /** Reads the request and resets the connection. */
  readonly reset?: boolean
  /** Keeps the samples although the answer says otherwise: an outcome that the sender cannot know. */
  readonly store?: boolean
  /** Answers pushes of remote write 2 with 415, as a receiver that knows remote write 1 only. Others pass. */
  readonly refuse2?: boolean
  /** Answers them as one that does not look at the type: 204 with no count of what was written, and keeps nothing. */
  readonly unread2?: boolean
  /** How many requests it hits; after that the tenant is healthy again. Default: all. */
  readonly times?: number
}

/** Stands for every tenant that has no fault of its own. */
export const EVERY_TENANT = '*'

const kinds: Readonly<Record<keyof Fault, readonly string[]>> = {
  status: ['number'],
  body: ['string'],
  retryAfter: ['number', 'string'],
  delayMs: ['number'],
  hang: ['boolean'],
  reset: ['boolean'],
  store: ['boolean'],
  refuse2: ['boolean'],
  unread2: ['boolean'],
  times: ['number'],
}

const bounds: Readonly<Record<string, readonly [min: number, max: number]>> = {
  status: [200, 599],
  retryAfter: [0, Number.MAX_SAFE_INTEGER],
  delayMs: [0, 600_000],
  times: [1, Number.MAX_SAFE_INTEGER],
}

/** Reads a fault from parsed JSON. Returns what is wrong with it, as one sentence, if it is not one. */
export function readFault(value: unknown): Fault | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a fault is an object'
  for (const [key, given] of Object.entries(value)) {
    const wanted = kinds[key as keyof Fault]
    if (wanted === undefined) return `unknown key "${key}"; a fault has ${Object.keys(kinds).join(', ')}`
    if (!wanted.includes(typeof given)) return `${key} must be a ${wanted.join(' or a ')}`
    const bound = typeof given === 'number' ? bounds[key] : undefined
    if (bound !== undefined && !(Number.isInteger(given) && given >= bound[0] && given <= bound[1])) {
      return `${key} must be a whole number from ${bound[0]} to ${bound[1]}`
    }
  }
  return value
}

export interface FaultBoard {
  /** Sets the tenant's fault, or ends it (undefined). */
  set(tenant: string, fault: Fault | undefined): void
  /** The fault that hits the next request of this tenant; counts `times` down. */
  take(tenant: string): Fault | undefined
  /** What is set now, with the `times` that are left. */
  list(): Readonly<Record<string, Fault>>
  clear(): void
}

export function makeFaultBoard(): FaultBoard {
  const faults = new Map<string, Fault>()
  return {
    set: (tenant, fault) => {
      if (fault === undefined) faults.delete(tenant)
      else faults.set(tenant, fault)
    },
    take: (tenant) => {
      const key = faults.has(tenant) ? tenant : EVERY_TENANT
      const fault = faults.get(key)
      if (fault?.times === undefined) return fault
      if (fault.times > 1) faults.set(key, { ...fault, times: fault.times - 1 })
      else faults.delete(key)
      return fault
    },
    list: () => Object.fromEntries(faults),
    clear: () => faults.clear(),
  }
}
