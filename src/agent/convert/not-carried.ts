// Settings of a proxy's file that a configuration in Alloy's language has no place for: what to say of each.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { SettingPath, Settings } from '../../config/settings.ts'

export interface NotCarried {
  /** Values with which nothing is lost. */
  readonly harmless?: (value: unknown, settings: Settings) => boolean
  /** error: senders or upstream would see something else. */
  readonly severity: Diagnostic['severity']
  readonly message: string
  readonly hint: string
}

const isFalse = (value: unknown): boolean => value === false
const isZero = (value: unknown): boolean => value === 0
const flag = (message: string, hint: string): NotCarried => ({ severity: 'warning', message, hint })

const atDefault = 'take it out'

export const notCarried: { readonly [P in SettingPath]?: NotCarried } = {
  listen_pprof: flag('the agent opens no listener for profiles', atDefault),
  listen_metrics_address: flag(
    'the agent has no listener for metrics alone',
    'scrape /metrics where --server.http.listen-addr says',
  ),
  metrics_include_tenant: {
    harmless: isFalse,
    ...flag('histograms of the agent carry no tenant', 'use the counters sluice_tenant_…, which do'),
  },
  enable_ipv6: {
    harmless: (value) => value === true,
    ...flag('the agent dials IPv4 and IPv6', 'name an IPv4 address in the URL if only that may be dialled'),
  },
  timeout_shutdown: {
    harmless: isZero,
    ...flag('the agent does not go on serving after SIGTERM', 'take it out of the load balancer before you stop it'),
  },
  concurrency: flag(
    'the agent does not count pushes being handled',
    'it bounds their bytes; `conn_limit` in the block `http` bounds connections',
  ),
  log_response_errors: {
    harmless: (value) => value === true,
    ...flag('the agent logs answers of upstream other than 2xx', 'logging { level = "error" } keeps them out'),
  },
  max_connection_duration: {
    harmless: isZero,
    ...flag('connections of the agent live as long as upstream keeps them', 'let upstream close them'),
  },
  max_conns_per_host: {
    harmless: (value) => value === 64,
    ...flag('an endpoint of the agent has 64 requests in flight at most', atDefault),
  },
  'tenant.accept_all': {
    harmless: isFalse,
    severity: 'error',
    message: 'the agent tells its senders what became of their data',
    hint: 'take it out; senders drop what is answered 4xx by themselves',
  },
  dry_run: {
    harmless: isFalse,
    severity: 'error',
    message: 'the agent can’t run dry: it would send',
    hint: 'take it out; `sluice explain` shows what would go where',
  },
  'send.max_in_flight': {
    harmless: (value) => value === 64,
    ...flag('an endpoint of the agent has 64 requests in flight at most', atDefault),
  },
  'send.max_retry_after': flag('the agent hands on Retry-After up to 30s', atDefault),
  'receive.max_body_size': flag('this is no setting of a component', atDefault),
  'receive.max_decompressed_size': flag('this is no setting of a component', atDefault),
  'receive.max_in_flight_bytes': flag('this is no setting of a component', atDefault),
  'queue.merge_window': flag('this is no setting of a component', atDefault),
  'queue.ack_grace': flag('this is no setting of a component', atDefault),
  'queue.ha_labels': flag('this is no setting of a component', atDefault),
  'storage.path': flag('the store is the program’s, not a component’s', 'start it with --storage.path=DIR'),
  'storage.max_bytes': flag('the store is the program’s, not a component’s', atDefault),
  'server.http.listen_addr': flag(
    'the address is the program’s, not a component’s',
    'start it with --server.http.listen-addr=ADDRESS',
  ),
  'server.shutdown_deadline': flag('this is no setting of a component', atDefault),
}
