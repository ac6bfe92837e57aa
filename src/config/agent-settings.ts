// Settings of the agent that stand in no component: those of the settings table that concern the program as a whole.
// They are flags and variables; everything else is in the agent's files.

import type { ProxySettings } from './proxy-settings.ts'
import type { QueueSettings } from './queue-settings.ts'
import type { SettingPath, Settings } from './settings.ts'

export interface AgentSettings {
  /** host:port of the program's HTTP server. */
  readonly httpListen: string
  readonly receive: ProxySettings['receive']
  readonly storage: ProxySettings['storage']
  /** Upper bound of the Retry-After handed on. */
  readonly maxRetryAfterMs: number
  /** What `queue_config` doesn't say. */
  readonly merging: Pick<QueueSettings, 'mergeWindowMs' | 'ackGraceMs' | 'haLabels'>
  /** What is in flight has this long to finish at the end. */
  readonly shutdownDeadlineMs: number
}

export const agentPaths: readonly SettingPath[] = [
  'server.http.listen_addr',
  'server.shutdown_deadline',
  'storage.path',
  'storage.max_bytes',
  'receive.max_body_size',
  'receive.max_decompressed_size',
  'receive.max_in_flight_bytes',
  'send.max_retry_after',
  'queue.merge_window',
  'queue.ack_grace',
  'queue.ha_labels',
]

export function resolveAgentSettings(settings: Settings): AgentSettings {
  return {
    httpListen: settings['server.http.listen_addr'] ?? '127.0.0.1:12345',
    receive: {
      maxBodySize: settings['receive.max_body_size'],
      maxDecompressedSize: settings['receive.max_decompressed_size'],
      maxInFlightBytes: settings['receive.max_in_flight_bytes'],
    },
    storage: { path: settings['storage.path'], maxBytes: settings['storage.max_bytes'] },
    maxRetryAfterMs: settings['send.max_retry_after'],
    merging: {
      mergeWindowMs: settings['queue.merge_window'],
      ackGraceMs: settings['queue.ack_grace'],
      haLabels: settings['queue.ha_labels'],
    },
    shutdownDeadlineMs: settings['server.shutdown_deadline'],
  }
}
