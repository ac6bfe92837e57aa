// The metrics of one process: the catalogue's, kept here, and Node's own, kept by prom-client, which also
// writes the exposition. The number of tenant label values is bounded whatever is sent.

import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import { catalogue, type MetricName, type MetricSpec } from './catalogue.ts'
import type { Distribution, Meter, Tally } from './meter.ts'
import { Family, type Sample } from './series.ts'

/** Value of the tenant label of all tenants beyond `maxTenants`. */
export const OTHER_TENANTS = '__other__'

export interface RegistryOptions {
  /** ct's `metrics_include_tenant`: the tenant label of ct's metrics is filled; else it is "". */
  readonly includeTenant: boolean
  /** Distinct values of the tenant label at one time; default 1000. Tenants beyond are counted together. */
  readonly maxTenants?: number
  /** The process_* and nodejs_* metrics too; default true. They hold a process-wide observer: one registry a process. */
  readonly processMetrics?: boolean
}

/** A metric with its values, as `/api/v1/metrics` shows it. */
export interface MetricValues {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly values: readonly {
    /** Present where it differs from the metric's: `…_bucket`, `…_sum`, `…_count`. */
    readonly name?: string
    readonly labels: Readonly<Record<string, string | number>>
    readonly value: number
  }[]
}

export interface MetricsRegistry {
  readonly meter: Meter
  /** All metrics in Prometheus' text format 0.0.4. */
  exposition(): Promise<string>
  readonly contentType: string
  values(): Promise<MetricValues[]>
  /** Forgets the metrics of a URL that is not any more that of this endpoint, or of any where none is named. */
  forgetUrl(url: string, remoteName?: string): void
  /** Forgets the metrics of a component of the agent. */
  forgetComponent(id: string): void
}

/** Makes the registry; metrics without labels, and those with nothing but `signal`, show 0 from the start. */
export function createRegistry(options: RegistryOptions): MetricsRegistry {
  const registry = new Registry()
  const families = new Map<string, Family>()
  for (const [name, spec] of Object.entries<MetricSpec>(catalogue)) {
    const family = new Family(name, spec)
    families.set(name, family)
    // The registry asks a metric for nothing but its name and `get()`; prom-client's own classes look a label
    // set up by a hash at each count, which the path of a request can't afford.
    registry.registerMetric({ name, get: async () => exported(family) } as unknown as Metric)
    for (const labels of knownSets(spec)) {
      if (spec.type === 'histogram') family.distribution(labels)
      else family.tally(labels)
    }
  }
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry })

  return {
    meter: createMeter(families, options),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
    values: async () => (await registry.getMetricsAsJSON()).map(shown),
    forgetUrl: (url, remoteName) => {
      const labels = remoteName === undefined ? { url } : { url, remote_name: remoteName }
      for (const family of families.values()) family.forget(labels)
    },
    forgetComponent: (id) => {
      for (const family of families.values()) family.forget({ component_id: id })
    },
  }
}

function createMeter(families: ReadonlyMap<string, Family>, options: RegistryOptions): Meter {
  const maxTenants = options.maxTenants ?? 1000
  const tenants = new Set<string>()

  const family = (name: MetricName): Family => {
    const found = families.get(name)
    if (found === undefined) throw new TypeError(`no metric is called ${name}: declare it in the catalogue`)
    return found
  }
  const admit = (tenant: string): string => {
    if (tenant === '' || tenants.has(tenant)) return tenant
    if (tenants.size >= maxTenants) return OTHER_TENANTS
    tenants.add(tenant)
    return tenant
  }
  const bounded = (of: Family, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
    if (typeof labels.tenant !== 'string' || !of.spec.labels.includes('tenant')) return labels
    const hidden = of.spec.ct === true && !options.includeTenant
    return { ...labels, tenant: hidden ? '' : admit(labels.tenant) }
  }

  return {
    tally(name, labels = {}): Tally {
      const of = family(name)
      return of.tally(bounded(of, labels))
    },
    distribution(name, labels = {}): Distribution {
      const of = family(name)
      return of.distribution(bounded(of, labels))
    },
    forgetTenant(tenant): void {
      if (tenant === '' || !tenants.delete(tenant)) return
      for (const of of families.values()) of.forgetTenant(tenant)
    },
  }
}

function knownSets(spec: MetricSpec): Record<string, string>[] {
  if (spec.labels.length === 0) return [{}]
  if (spec.labels.length === 1 && spec.labels[0] === 'signal') return [{ signal: 'metrics' }, { signal: 'logs' }]
  return []
}

function exported(family: Family): { name: string; help: string; type: string; values: Sample[] } {
  return { name: family.name, help: family.spec.help, type: family.spec.type, values: family.samples() }
}

interface Exported {
  readonly name: string
  readonly help: string
  readonly type: unknown
  readonly values: readonly {
    readonly metricName?: string
    readonly labels: Readonly<Record<string, string | number | undefined>>
    readonly value: number
  }[]
}

function shown(metric: Exported): MetricValues {
  const values = metric.values.map(({ metricName, labels, value }) => ({
    ...(metricName === undefined || metricName === metric.name ? {} : { name: metricName }),
    labels: labels as Readonly<Record<string, string | number>>,
    value,
  }))
  return { name: metric.name, type: String(metric.type), help: metric.help, values }
}
