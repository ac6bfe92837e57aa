// Settings of a proxy's file that a configuration in Alloy's language has no place for: what to say of each.

import { agentPaths } from '../../config/agent-settings.ts'
import type { Diagnostic } from '../../config/diagnostics.ts'
import { flagOf, type SettingPath, variableOf } from '../../config/settings.ts'

export interface NotCarried {
  /** Nothing is lost with this value, nor with the setting's default. */
  readonly harmless?: unknown
  /** error: senders or upstream would see something else. */
  readonly severity: Diagnostic['severity']
  readonly message: string
  readonly hint: string
}

const flag = (message: string, hint: string): NotCarried => ({ severity: 'warning', message, hint })

const atDefault = 'take it out'

export const notCarried: { readonly [P in SettingPath]?: NotCarried } = {
  listen_pprof: flag('the agent opens no listener for profiles', atDefault),
  listen_metrics_address: flag(
    'the agent has no listener for metrics alone',
    'scrape /metrics where --server.http.listen-addr says',
  ),
  metrics_include_tenant: flag('histograms of the agent carry no tenant', 'use the counters sluice_tenant_…, which do'),
  timeout_shutdown: flag(
    'the agent does not go on serving after SIGTERM',
    'take it out of the load balancer before you stop it',
  ),
  concurrency: flag(
    'the agent does not count pushes being handled',
    'it bounds their bytes; `conn_limit` in the block `http` bounds connections',
  ),
  max_connection_duration: flag(
    'connections of the agent live as long as upstream keeps them',
    'let upstream close them',
  ),
  max_conns_per_host: flag('an endpoint of the agent has 64 requests in flight at most', atDefault),
  'tenant.accept_all': {
    severity: 'error',
    message: 'the agent tells its senders what became of their data',
    hint: 'take it out; senders drop what is answered 4xx by themselves',
  },
  dry_run: {
    severity: 'error',
    message: 'the agent can’t run dry: it would send',
    hint: 'take it out; `sluice explain` shows what would go where',
  },
  'send.max_in_flight': {
    harmless: 64,
    ...flag('an endpoint of the agent has 64 requests in flight at most', atDefault),
  },
  ...Object.fromEntries(
    agentPaths.map((path) => [
      path,
      flag('it is the program’s, not a component’s', `start it with ${flagOf(path)}=…, or set ${variableOf(path)}`),
    ]),
  ),
}
