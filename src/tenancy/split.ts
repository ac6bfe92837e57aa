// Splits a batch by tenant: which items go to whom, and which go nowhere and why. Pure but for the cache it is given.

import { SluiceError } from '../errors.ts'
import { type Batch, flag, NONE } from '../wire/batch.ts'
import type { OutcomeCache } from './outcome-cache.ts'
import { type Outcome, type Router, route, routeByWinner } from './route.ts'

/** The items of one tenant, in the order of the request. */
export interface Part {
  readonly tenant: string
  /** The setting that chose the tenant of the part's first item. */
  readonly rule: string
  readonly indexes: Uint32Array
  readonly count: number
  readonly samples: number
  /** false: gathered with labels kept, the part is its items byte for byte; nothing in it has to be rewritten. */
  readonly rewrites: boolean
}

/** Items that are not delivered, for one reason and one refused id. */
export interface Refusal {
  readonly outcome: Exclude<Outcome, { kind: 'tenant' }>
  count: number
  samples: number
  /** The items it happened to, in the order of the request; of those refused with all of a part, the part's. */
  readonly indexes: Uint32Array
}

export interface Split {
  readonly parts: readonly Part[]
  readonly rejected: readonly Refusal[]
  readonly dropped: readonly Refusal[]
  /** Item → index into `parts`, or NOWHERE. */
  readonly partOf: Uint32Array
}

/** Refused ids that one request keeps apart; further ones are counted together by reason. */
const maxRefusals = 100

/** `partOf` of an item that is not delivered. */
export const NOWHERE = 0xffff_ffff

// As codecs decode labels: a leading U+FEFF is part of the value.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

let seenIn = new Uint32Array(1024)
let groupOf = new Uint32Array(1024)
let body = 0

interface Group {
  readonly outcome: Outcome
  count: number
  samples: number
  rewrites: boolean
}

/**
 * Judges every item by `route`, and groups them. The `cache` must belong to this router and prefix.
 * Throws SluiceError TOO_MANY_TENANTS as soon as there are more than `max_tenants_per_request`.
 */
export function split(batch: Batch, router: Router, prefix: string, cache: OutcomeCache): Split {
  const { count, which, values, valueStart, valueEnd, flags, samples } = batch
  const { keepLabel, maxTenantsPerRequest } = router.settings
  const removes = !keepLabel
  const removesReserved = removes || !batch.watch.namesReserved
  const groups: Group[] = []
  const byTenant = new Map<string, number>()
  const refusals = new Map<string, number>()
  const partOf = new Uint32Array(count)
  let generation = cache.generation
  nextBody()
  let lastStart = 0
  let lastEnd = -1
  let lastVariant = -1
  let group = 0
  for (let i = 0; i < count; i++) {
    const bits = flags[i]!
    if (bits & flag.faulty) {
      group = refuse(malformed(batch.faults.get(i) ?? 'malformed'), groups, refusals)
      lastVariant = -1
    } else {
      const empty = removes ? bits & flag.bare : removesReserved ? bits & flag.reservedOnly : 0
      const variant = (which[i]! + 1) * 2 + (empty ? 1 : 0)
      const start = valueStart[i]!
      const end = valueEnd[i]!
      if (variant !== lastVariant || !same(values, lastStart, lastEnd, start, end)) {
        let slot = cache.find(values, start, end, variant)
        if (slot < 0) {
          cache.misses++
          slot = cache.add(values, start, end, variant, judge(batch, i, empty !== 0, router, prefix))
          if (cache.generation !== generation) {
            generation = cache.generation
            nextBody()
          }
        }
        group = groupOfSlot(slot, cache.outcomes[slot]!, groups, byTenant, refusals)
        if (byTenant.size > maxTenantsPerRequest) throw tooManyTenants(maxTenantsPerRequest)
        lastStart = start
        lastEnd = end
        lastVariant = variant
      }
    }
    const members = groups[group]!
    members.count++
    members.samples += samples[i]!
    if ((removes && which[i] !== NONE) || (removesReserved && bits & flag.reserved)) members.rewrites = true
    partOf[i] = group
  }
  return finish(groups, partOf, count)
}

/** `route` for one item; the scan has found its winning label already. */
function judge(batch: Batch, i: number, isEmptied: boolean, router: Router, prefix: string): Outcome {
  if (isEmptied) return route(batch.codec.labels(batch, i), router, prefix)
  const name = batch.watch.names[batch.which[i]!]
  if (name === undefined) return routeByWinner(undefined, router, prefix)
  const value = decoder.decode(batch.values.subarray(batch.valueStart[i]!, batch.valueEnd[i]!))
  return routeByWinner([name, value], router, prefix)
}

function tooManyTenants(allowed: number): SluiceError {
  return new SluiceError(
    'TOO_MANY_TENANTS',
    `the request is for more than ${allowed} tenants (tenancy.max_tenants_per_request); nothing was sent`,
  )
}

/** Starts a new numbering of groups: no slot has been seen in it. */
function nextBody(): void {
  body = (body + 1) >>> 0
  if (body === 0) {
    seenIn.fill(0)
    body = 1
  }
}

function same(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false
  for (let p = a, q = b; p < aEnd; p++, q++) if (bytes[p] !== bytes[q]) return false
  return true
}

function groupOfSlot(
  slot: number,
  outcome: Outcome,
  groups: Group[],
  byTenant: Map<string, number>,
  refusals: Map<string, number>,
): number {
  if (slot >= seenIn.length) {
    const size = 2 ** Math.ceil(Math.log2(slot + 1))
    const seen = new Uint32Array(size)
    seen.set(seenIn)
    seenIn = seen
    const known = new Uint32Array(size)
    known.set(groupOf)
    groupOf = known
  }
  if (seenIn[slot] === body) return groupOf[slot]!
  seenIn[slot] = body
  let group: number | undefined
  if (outcome.kind === 'tenant') {
    group = byTenant.get(outcome.tenant)
    if (group === undefined) {
      group = add(outcome, groups)
      byTenant.set(outcome.tenant, group)
    }
  } else {
    group = refuse(outcome, groups, refusals)
  }
  groupOf[slot] = group
  return group
}

function refuse(outcome: Outcome, groups: Group[], refusals: Map<string, number>): number {
  if (outcome.kind === 'tenant') throw new TypeError('a delivered item is not a refusal')
  const kindOfRefusal = `${outcome.kind} ${outcome.reason}`
  const key = outcome.tenant === undefined ? kindOfRefusal : `${kindOfRefusal} ${outcome.tenant}`
  const known = refusals.get(key)
  if (known !== undefined) return known
  if (refusals.size < maxRefusals) return refuseAs(key, outcome, groups, refusals)
  // No id stands for all of them.
  return refusals.get(kindOfRefusal) ?? refuseAs(kindOfRefusal, { ...outcome, tenant: undefined }, groups, refusals)
}

function refuseAs(key: string, outcome: Outcome, groups: Group[], refusals: Map<string, number>): number {
  const group = add(outcome, groups)
  refusals.set(key, group)
  return group
}

function add(outcome: Outcome, groups: Group[]): number {
  groups.push({ outcome, count: 0, samples: 0, rewrites: false })
  return groups.length - 1
}

const malformed = (detail: string): Outcome => ({
  kind: 'rejected',
  reason: 'malformed',
  rule: 'malformed',
  detail,
  tenant: undefined,
})

/** Turns groups into parts and refusals: a counting sort of the items by group. */
function finish(groups: readonly Group[], partOf: Uint32Array, count: number): Split {
  const indexes = new Uint32Array(count)
  const next = new Uint32Array(groups.length)
  const number = new Uint32Array(groups.length)
  let at = 0
  const parts: Part[] = []
  const rejected: Refusal[] = []
  const dropped: Refusal[] = []
  for (let g = 0; g < groups.length; g++) {
    const { outcome, count: size, samples, rewrites } = groups[g]!
    next[g] = at
    number[g] = NOWHERE
    if (outcome.kind === 'tenant') {
      number[g] = parts.length
      const { tenant, rule } = outcome
      parts.push({ tenant, rule, indexes: indexes.subarray(at, at + size), count: size, samples, rewrites })
    } else {
      const list = outcome.kind === 'rejected' ? rejected : dropped
      list.push({ outcome, count: size, samples, indexes: indexes.subarray(at, at + size) })
    }
    at += size
  }
  for (let i = 0; i < count; i++) {
    const g = partOf[i]!
    indexes[next[g]!++] = i
    partOf[i] = number[g]!
  }
  return { parts, rejected, dropped, partOf }
}
