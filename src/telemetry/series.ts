// What one metric of the catalogue holds: a plain object per label set. Counting is an addition to such an
// object; everything else is done when somebody scrapes.

import type { MetricSpec } from './catalogue.ts'
import type { Distribution, Tally } from './meter.ts'

type Labels = Readonly<Record<string, string>>

/** One line of the exposition: `name` differs from the metric's for the parts of a histogram. */
export interface Sample {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

interface LabelledTally extends Tally {
  readonly labels: Labels
}

class Buckets implements Distribution {
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let at = 0
    // NaN falls into +Inf, as in Prometheus' own clients.
    while (at < this.#bounds.length && !(value <= this.#bounds[at]!)) at++
    this.#counts[at]!++
    this.#sum += value
  }

  samples(name: string, labels: Labels): Sample[] {
    let total = 0
    const lines: Sample[] = []
    this.#counts.forEach((count, at) => {
      total += count
      lines.push({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: this.#bounds[at] ?? '+Inf' },
        value: total,
      })
    })
    lines.push({ metricName: `${name}_sum`, labels, value: this.#sum })
    lines.push({ metricName: `${name}_count`, labels, value: total })
    return lines
  }
}

/** All label sets of one metric. Label sets are checked here: exactly the declared names, every value a string. */
export class Family {
  readonly name: string
  readonly spec: MetricSpec
  readonly #tallies = new Map<string, LabelledTally>()
  readonly #distributions = new Map<string, { labels: Labels; buckets: Buckets }>()
  /** Tenant → keys of its label sets: a sweep of idle tenants must not look at those of all others. */
  readonly #byTenant = new Map<string, string[]>()

  constructor(name: string, spec: MetricSpec) {
    this.name = name
    this.spec = spec
  }

  tally(labels: Labels): Tally {
    if (this.spec.type === 'histogram') throw new TypeError(`${this.name} is a histogram: ask for its distribution`)
    const key = this.#key(labels)
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    const tally = { labels: { ...labels }, value: 0 }
    this.#index(labels, key)
    this.#tallies.set(key, tally)
    return tally
  }

  distribution(labels: Labels): Distribution {
    if (this.spec.type !== 'histogram') throw new TypeError(`${this.name} is a ${this.spec.type}: ask for its tally`)
    const key = this.#key(labels)
    const known = this.#distributions.get(key)
    if (known !== undefined) return known.buckets
    const buckets = new Buckets(this.spec.buckets ?? [])
    this.#index(labels, key)
    this.#distributions.set(key, { labels: { ...labels }, buckets })
    return buckets
  }

  /** Removes every label set of that tenant. */
  forgetTenant(tenant: string): void {
    for (const key of this.#byTenant.get(tenant) ?? []) {
      this.#tallies.delete(key)
      this.#distributions.delete(key)
    }
    this.#byTenant.delete(tenant)
  }

  /** Removes every label set in which these labels have these values; those of tenants go by `forgetTenant`. */
  forget(values: Readonly<Record<string, string>>): void {
    const wanted = Object.entries(values)
    if (!wanted.every(([label]) => (this.spec.labels as readonly string[]).includes(label))) return
    for (const sets of [this.#tallies, this.#distributions]) {
      for (const [key, { labels }] of sets) {
        if (wanted.every(([label, value]) => labels[label] === value)) sets.delete(key)
      }
    }
  }

  samples(): Sample[] {
    const lines: Sample[] = []
    for (const { labels, value } of this.#tallies.values()) lines.push({ metricName: this.name, labels, value })
    for (const { labels, buckets } of this.#distributions.values()) lines.push(...buckets.samples(this.name, labels))
    return lines
  }

  #index(labels: Labels, key: string): void {
    const { tenant } = labels
    if (tenant === undefined || tenant === '') return
    const keys = this.#byTenant.get(tenant)
    if (keys === undefined) this.#byTenant.set(tenant, [key])
    else keys.push(key)
  }

  #key(labels: Labels): string {
    const names = this.spec.labels
    let key = ''
    for (const name of names) {
      const value = labels[name]
      if (typeof value !== 'string') throw new TypeError(`${this.name} needs the label ${name}`)
      // The length keeps two different sets from making one key.
      key += `${value.length}:${value}`
    }
    if (Object.keys(labels).length !== names.length) {
      throw new TypeError(
        `${this.name} has the labels [${names.join(', ')}], not [${Object.keys(labels).sort().join(', ')}]`,
      )
    }
    return key
  }
}
