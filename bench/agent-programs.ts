// Sluice in its other shapes, beside the plain proxy: the proxy with its queue, and the agent, whose rules find the
// tenant. What the agent sends on is what the proxy sends, byte for byte: rules work on labels that go again.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TENANT_LABEL } from './bodies.ts'
import type { Program } from './program.ts'
import { agentCommand } from './programs.ts'

/** Far fewer than a run's series: as good as none is found again. */
const tooFew = 4000

/** The proxy with its queue, the agent, and the agent whose cache is too small for what comes. */
export function agentPrograms(plain: Program, node: string): Program[] {
  const storing = { ...plain, name: 'sluice+queue', command: `${plain.command} --queue --storage.path={dir}/store` }
  return [storing, agent(plain, node, 'agent', 100_000), agent(plain, node, 'agent+churn', tooFew)]
}

function agent(plain: Program, node: string, name: string, maxCacheSize: number): Program {
  return {
    name,
    command: agentCommand(node),
    splits: true,
    only1: true,
    version: `${plain.version}, ${rules(true).length} rules, max_cache_size = ${maxCacheSize}`,
    path: '/api/v1/metrics/write',
    prepare: ({ dir, listen, target, remove }) =>
      writeFileSync(join(dir, 'agent.alloy'), agentConfig(listen, target, remove === 'true', maxCacheSize)),
  }
}

/** receive_http → relabel → remote_write with tenants. */
export function agentConfig(listen: string, target: string, removesLabel: boolean, maxCacheSize: number): string {
  const [address, port] = listen.split(':')
  return `logging {
  level = "error"
}
prometheus.receive_http "in" {
  http {
    listen_address = "${address}"
    listen_port    = ${port}
  }
  forward_to = [prometheus.relabel.all.receiver]
}
prometheus.relabel "all" {
  forward_to     = [prometheus.remote_write.out.receiver]
  max_cache_size = ${maxCacheSize}
${rules(removesLabel).map(blockOf).join('')}}
prometheus.remote_write "out" {
  endpoint {
    url = "${target}"
    tenancy { }
  }
}
`
}

interface Rule {
  readonly action: string
  readonly from?: readonly string[]
  readonly regex?: string
  readonly to?: string
  readonly replacement?: string
  readonly modulus?: number
}

/** The way of a Kubernetes configuration: names taken apart and put together, noise dropped, shards, then the tenant. */
function rules(removesLabel: boolean): readonly Rule[] {
  const replace = (from: readonly string[], regex: string, to: string, replacement = '$1'): Rule => {
    return { action: 'replace', from, regex, to, replacement }
  }
  const drop = (from: readonly string[], regex: string): Rule => ({ action: 'drop', from, regex })
  return [
    drop(['__name__'], 'go_(memstats_mspan|memstats_mcache)_.*|container_tasks_state'),
    drop(['__name__', 'le'], 'apiserver_request_(slo|sli)_duration_seconds_bucket;(0\\\\.15|0\\\\.35|1\\\\.5)'),
    drop(['container'], 'POD|istio-init'),
    drop(['namespace'], 'kube-node-lease|.*-(preview|sandbox)-[0-9a-f]{8}'),
    { action: 'keep', from: ['env'], regex: 'production|staging' },
    { action: 'keep', from: ['job'], regex: '.+' },
    replace(['instance'], '([^:]+)(?::\\\\d+)?', '__tmp_host'),
    replace(['__tmp_host', 'env'], '(.+);(.+)', '__tmp_address', '$1:$2'),
    replace(['node'], 'ip-(\\\\d+)-(\\\\d+)-(\\\\d+)-(\\\\d+)\\\\..*', '__tmp_node_ip', '$1.$2.$3.$4'),
    replace(['node'], '[^.]+\\\\.([a-z]+-[a-z]+-\\\\d)\\\\..*', '__tmp_zone'),
    replace(['__tmp_zone'], '(.*)-\\\\d', '__tmp_region'),
    replace(['pod'], '(.*)-[0-9a-f]{8,10}-[a-z0-9]{5}', '__tmp_workload'),
    replace(['pod'], '(.*)-[0-9]+', '__tmp_stateful'),
    replace(['__tmp_workload', 'namespace'], '(.+);(.+)', '__tmp_owner', '$2/$1'),
    replace(['job'], '([^/]+)/(.*)', '__tmp_component', '$2'),
    replace(['cluster'], 'prod-(.*)-[abc]', '__tmp_cluster_zone'),
    replace([], '(.*)', '__tmp_source', 'bench'),
    replace(['device'], '/dev/(.*)', '__tmp_device'),
    replace(['interface'], '(eth|ens|wlan)(\\\\d+)', '__tmp_interface_kind'),
    { action: 'lowercase', from: ['container'], to: '__tmp_container' },
    { action: 'uppercase', from: ['method'], to: '__tmp_method' },
    { action: 'hashmod', from: ['__tmp_host', 'pod'], to: '__tmp_shard', modulus: 8 },
    { action: 'keep', from: ['__tmp_shard'], regex: '[0-7]' },
    { action: 'labelmap', regex: '__tmp_(zone|region|workload)', replacement: '__tmp_of_$1' },
    { action: 'dropequal', from: ['cluster'], to: 'env' },
    drop(['__name__', 'code'], 'http_server_requests_total;1..'),
    replace(['__name__'], '(http|rpc)_.*', '__tmp_kind'),
    replace(['namespace'], '(team-\\\\d+)-.*', '__tenant_id__'),
    { action: 'labeldrop', regex: removesLabel ? TENANT_LABEL : 'prometheus_replica' },
    { action: 'labeldrop', regex: '__tmp_.*' },
  ]
}

function blockOf({ action, from, regex, to, replacement, modulus }: Rule): string {
  const rows = [
    `action = "${action}"`,
    from !== undefined && from.length > 0 && `source_labels = [${from.map((name) => `"${name}"`).join(', ')}]`,
    regex !== undefined && `regex = "${regex}"`,
    to !== undefined && `target_label = "${to}"`,
    replacement !== undefined && `replacement = "${replacement}"`,
    modulus !== undefined && `modulus = ${modulus}`,
  ]
  return `  rule {\n${rows
    .filter((row) => row !== false)
    .map((row) => `    ${row}\n`)
    .join('')}  }\n`
}
