// Bodies as Prometheus makes them: one sample a series, 11–13 sorted labels, series of one target side by side, every
// target under one tenant. Real senders never send a body twice, so each made body has series and values of its own.

import { encodeWriteRequest, type SeriesInput, snappyBlock } from '../src/dev/encode.ts'
import { type Random, seeded } from './random.ts'

/** The label that says whose a series is, in every body of the benchmark. */
export const TENANT_LABEL = 'tenant'

/** How a made body looks. */
export interface Shape {
  /** Tenants in every body. */
  readonly tenants: number
  /** `contiguous`: a tenant's series side by side, as scraped; `shuffled`: in any order. */
  readonly order: 'contiguous' | 'shuffled'
  /** Series in every body, each with one sample. */
  readonly series: number
}

/** A body ready to be sent. */
export interface Body {
  readonly compressed: Buffer
  readonly rawLength: number
}

const apps = ['checkout', 'catalog', 'payments', 'search', 'identity', 'inventory', 'shipping', 'recommendations']
const parts = ['api', 'worker', 'gateway', 'frontend', 'consumer', 'scheduler']
const zones = ['eu-central-1', 'eu-west-1', 'us-east-2', 'ap-southeast-1']
const podLetters = 'bcdfghjklmnpqrstvwxz2456789'
const bounds = ['0.01', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']
const methods = ['GET', 'POST', 'DELETE']
const codes = ['200', '201', '204', '400', '404', '499', '500', '503']

type Labels = readonly (readonly [name: string, value: string])[]
type Value = (random: Random) => number

const counter: Value = (random) => (random.below(10) === 0 ? 0 : random.below(1e12))
const bytes: Value = (random) => random.below(1e8) * 4096
const seconds: Value = (random) => Number((random.next() * 100_000).toFixed(9))
const few: Value = (random) => random.below(64)

/** A family: its name, its own label sets, how its values look. */
type Family = readonly [name: string, sets: readonly Labels[], value: Value]

const cross = (name: string, values: readonly string[], sets: readonly Labels[] = [[]]): Labels[] =>
  sets.flatMap((set) => values.map((value): Labels => [...set, [name, value]]))

const families: readonly Family[] = [
  ['http_server_request_duration_seconds_bucket', cross('le', bounds, cross('method', methods)), counter],
  ['http_server_request_duration_seconds_sum', cross('method', methods), seconds],
  ['http_server_request_duration_seconds_count', cross('method', methods), counter],
  ['http_server_requests_total', cross('code', codes, cross('method', methods)), counter],
  ['http_server_in_flight_requests_current_total', cross('method', methods), few],
  [
    'rpc_client_handled_request_latency_seconds_bucket',
    cross('le', bounds, cross('code', ['OK', 'DeadlineExceeded'])),
    counter,
  ],
  ['container_network_receive_packets_dropped_total', cross('interface', ['eth0', 'eth1']), counter],
  ['container_network_transmit_bytes_total', cross('interface', ['eth0', 'eth1']), bytes],
  ['container_fs_writes_bytes_total', cross('device', ['/dev/nvme0n1', '/dev/nvme1n1']), bytes],
  ['container_cpu_cfs_throttled_seconds_total', [[]], seconds],
  ['container_memory_working_set_bytes', [[]], bytes],
  ['process_virtual_memory_max_bytes', [[]], bytes],
  ['process_cpu_seconds_total', [[]], seconds],
  ['go_gc_duration_seconds', cross('quantile', ['0', '0.25', '0.5', '0.75', '1']), seconds],
  ['go_memstats_heap_alloc_bytes', [[]], bytes],
  ['go_goroutines', [[]], few],
]

/** Every (family, label set) that a target exposes, in the order of its page. */
const page = families.flatMap(([name, sets, value]) => sets.map((own) => ({ name, own, value })))

/** Value of the tenant label of tenant n, counted from 0: `team-001` … */
const tenantName = (n: number): string => `team-${String(n + 1).padStart(3, '0')}`

/** An external label: a tenant's senders all set the same. */
const clusterOf = (n: number): string => `prod-${zones[n % zones.length]}-${'abc'[n % 3]}`

/** Makes `count` bodies, no two alike. The same shape, count and seed make the same bytes. */
export function makeBodies(shape: Shape, count: number, seed: number): Body[] {
  const random = seeded(seed)
  return Array.from({ length: count }, () => {
    const series = Array.from({ length: shape.tenants }, (_, tenant) => {
      const from = Math.floor((tenant * shape.series) / shape.tenants)
      const to = Math.floor(((tenant + 1) * shape.series) / shape.tenants)
      return scrape(tenant, to - from, random)
    }).flat()
    const raw = encodeWriteRequest({ series: shape.order === 'shuffled' ? random.shuffle(series) : series })
    return { compressed: snappyBlock(raw), rawLength: raw.length }
  })
}

/** `count` series of one tenant: whole pages of targets, the last one cut short. */
function scrape(tenant: number, count: number, random: Random): SeriesInput[] {
  const series: SeriesInput[] = []
  while (series.length < count) {
    const target = makeTarget(tenant, random)
    const tsMs = 1_790_000_000_000 + random.below(60_000)
    // A body begins wherever the sender's shard was: a tenant's few series are not always the page's first.
    const start = count < page.length ? random.below(page.length) : 0
    for (let n = 0; n < page.length && series.length < count; n++) {
      const { name, own, value } = page[(start + n) % page.length]!
      const labels = [['__name__', name] as const, ...target, ...own]
      labels.sort(([a], [b]) => (a < b ? -1 : 1))
      series.push({ labels, samples: [[value(random), tsMs]] })
    }
  }
  return series
}

/** The ten labels that every series of one target has. */
function makeTarget(n: number, random: Random): Labels {
  const tenant = tenantName(n)
  const app = random.pick(apps)
  const part = random.pick(parts)
  const zone = random.pick(zones)
  const address = `10.${random.below(64)}.${random.below(256)}.${random.below(256)}`
  return [
    ['cluster', clusterOf(n)],
    ['container', `${app}-${part}`],
    ['env', 'production'],
    ['instance', `${address}:8080`],
    ['job', `${tenant}-${app}/${app}-${part}`],
    ['namespace', `${tenant}-${app}`],
    ['node', `ip-${address.replaceAll('.', '-')}.${zone}.compute.internal`],
    ['pod', `${app}-${part}-${random.text('0123456789abcdef', 10)}-${random.text(podLetters, 5)}`],
    ['service', `${app}-${part}`],
    [TENANT_LABEL, tenant],
  ]
}
