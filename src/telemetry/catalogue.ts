// Every metric Sluice has, in one table: the registry, docs/metrics.md and the type of every counting call
// come from it. Names and labels are public interface: they are added to, not changed.

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Keys of `labelTable`; a call gives exactly these. */
  readonly labels: readonly LabelName[]
  /** What one unit of the value is. */
  readonly unit: string
  /** Upper bounds of a histogram's buckets, rising, without +Inf. */
  readonly buckets?: readonly number[]
  /** The name is cortex-tenant's: kept as it is, against the naming rules where need be. */
  readonly ct?: true
}

/** Label → what its values are, and what bounds their number. */
export const labelTable = {
  tenant: 'id of the tenant, prefix included; at most 1000 tenants at a time, the others together as `__other__`',
  signal: '`metrics` or `logs`',
  code: 'HTTP status of the answer',
  code_class: '`2xx`, `3xx`, `4xx` (without 429), `429`, `5xx`, or `error` where there was no answer',
  reason: 'why, one of a fixed set of short words such as `missing_tenant`',
  remote_name: 'id of the endpoint: `proxy/metrics`, `proxy/loki`, or in the agent `prometheus.remote_write.NAME/0`',
  url: 'URL of the endpoint without credentials; overrides send some of its tenants elsewhere',
  health_type: '`healthy`, `unhealthy`, `unknown` or `exited`',
  component_id: 'id of the component: `prometheus.relabel.NAME`',
  method: 'method of the request: `POST`',
  route: 'path of the request as Alloy writes it: `api_v1_metrics_write`',
  status_code: 'HTTP status of the answer',
  ws: 'always `false`: no request is a WebSocket',
  protocol: 'always `http`',
  version: 'version of Sluice',
  node: 'version of Node.js',
} as const

export type LabelName = keyof typeof labelTable

// cortex-tenant's own buckets (handler_metrics.go, handler_logs.go).
const ctBytes = [0.5, 1, 10, 25, 100, 250, 500, 1e3, 5e3, 1e4, 3e4, 3e5, 6e5, 1.8e6, 3.6e6]
const ctMilliseconds = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 3e4, 6e4, 1.8e6, 3.6e6]

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Those of Prometheus' sent_batch_duration_seconds. */
const batchSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300]
const bytes = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864]

const counter = <const L extends readonly LabelName[]>(help: string, unit: string, labels: L) =>
  ({ type: 'counter', help, unit, labels }) as const
const gauge = <const L extends readonly LabelName[]>(help: string, unit: string, labels: L) =>
  ({ type: 'gauge', help, unit, labels }) as const
const histogram = <const L extends readonly LabelName[]>(help: string, unit: string, buckets: number[], labels: L) =>
  ({ type: 'histogram', help, unit, buckets, labels }) as const

const ct = { ct: true } as const
const remote = ['remote_name', 'url'] as const

/** Those of Alloy's servers (dskit) and of its fan-out. */
const serverSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100]
const serverBytes = [1, 5, 10, 25, 50, 100, 250].map((mebibytes) => mebibytes * 1_048_576)
const fanOutSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const component = ['component_id'] as const
const served = ['component_id', 'method', 'route'] as const
const answered = ['component_id', 'method', 'route', 'status_code', 'ws'] as const

// `as const` keeps the names as a union, so that a name nobody declared doesn't compile.
export const catalogue = {
  // The answer to the sender
  sluice_requests_total: counter('Pushes answered, by the status the sender got.', 'requests', ['signal', 'code']),
  sluice_request_duration_seconds: histogram(
    'From the last byte of a push read to its answer handed to the socket.',
    'seconds',
    seconds,
    ['signal'],
  ),
  sluice_requests_in_flight: gauge('Pushes admitted and not yet answered.', 'requests', []),
  sluice_request_body_bytes: histogram('Body of a push as it came over the wire.', 'bytes', bytes, ['signal']),
  sluice_request_uncompressed_bytes: histogram('Body of a push uncompressed.', 'bytes', bytes, ['signal']),
  sluice_in_flight_bytes: gauge('Bytes reserved by pushes in flight.', 'bytes', []),
  sluice_in_flight_bytes_limit: gauge('The setting receive.max_in_flight_bytes.', 'bytes', []),
  sluice_overload_total: counter('Pushes answered 503 because one of Sluice’s own limits was reached.', 'requests', [
    'reason',
  ]),

  // Routing
  sluice_items_received_total: counter('Series or streams read from pushes.', 'items', ['signal']),
  sluice_samples_received_total: counter('Samples and histograms, or log entries, read from pushes.', 'samples', [
    'signal',
  ]),
  sluice_rejected_total: counter('Series or streams refused; their sender was told.', 'items', ['signal', 'reason']),
  sluice_rejected_samples_total: counter(
    'Samples or entries of refused items. The tenant is empty unless it is one of `sluice_tenants`.',
    'samples',
    ['signal', 'tenant', 'reason'],
  ),
  sluice_dropped_total: counter('Series or streams dropped by policy; their sender was not told.', 'items', [
    'signal',
    'reason',
  ]),
  sluice_dropped_samples_total: counter(
    'Samples or entries of dropped items. The tenant is empty unless it is one of `sluice_tenants`.',
    'samples',
    ['signal', 'tenant', 'reason'],
  ),
  sluice_route_cache_hits_total: counter('Look-ups of a tenant value whose outcome was known.', 'lookups', []),
  sluice_route_cache_misses_total: counter('Look-ups of a tenant value that had to be judged.', 'lookups', []),
  sluice_tenants: gauge('Tenants seen within tenancy.idle_timeout.', 'tenants', []),
  sluice_tenants_limit: gauge('The setting tenancy.max_tenants.', 'tenants', []),
  sluice_tenants_removed_total: counter('Tenants forgotten because they were idle.', 'tenants', []),

  // Delivery, by tenant
  sluice_tenant_samples_total: counter('Samples or entries that upstream confirmed.', 'samples', ['tenant', 'signal']),
  sluice_tenant_samples_failed_total: counter(
    'Samples or entries of attempts that failed; a repeat that succeeds is counted as delivered as well.',
    'samples',
    ['tenant', 'signal', 'reason'],
  ),
  sluice_tenant_requests_total: counter('Requests made upstream.', 'requests', ['tenant', 'signal', 'code_class']),
  sluice_remote_write_fallbacks_total: counter(
    'Parts that upstream refused in one form of remote write and that were sent again in the other at once.',
    'parts',
    [],
  ),
  sluice_remote_write_conversion_lost_total: counter(
    'What delivered parts lost because the other form of remote write can’t carry it: `start_timestamp`, `metadata`, `unknown_field`; in 2.0 an `exemplar` of a series that has no samples beside it, and an `empty_series`. Histograms with custom buckets, which 1.0 doesn’t know, are dropped samples: `nhcb_in_rw1_not_supported`.',
    'fields',
    ['tenant', 'reason'],
  ),
  sluice_rate_limited_total: counter('Parts answered 429 because of tenancy.rate_limit.', 'parts', ['tenant']),

  // Delivery, as a whole
  sluice_upstream_requests_in_flight: gauge('Requests sent upstream and not yet answered.', 'requests', ['signal']),
  sluice_upstream_requests_limit: gauge('The setting send.max_in_flight.', 'requests', ['signal']),
  sluice_upstream_waiting: gauge('Parts that wait for a free slot.', 'parts', ['signal']),
  sluice_upstream_request_duration_seconds: histogram(
    'From a request’s start, connection included, to the last byte of its answer.',
    'seconds',
    seconds,
    ['signal', 'code_class'],
  ),
  sluice_upstream_sent_bytes_total: counter('Bytes of bodies sent upstream, compressed.', 'bytes', ['signal']),

  // The queue, by tenant: only of those that have something in it
  sluice_queue_stored_bytes: gauge('Bytes on disk that wait to be sent.', 'bytes', ['tenant', 'signal']),
  sluice_queue_stored_batches: gauge('Batches on disk that wait to be sent.', 'batches', ['tenant', 'signal']),
  sluice_queue_stored_samples: gauge('Samples or entries on disk that wait to be sent.', 'samples', [
    'tenant',
    'signal',
  ]),
  sluice_queue_oldest_age_seconds: gauge(
    'Time since the oldest batch on disk was taken; of several tenants together the longest.',
    'seconds',
    ['tenant', 'signal'],
  ),
  sluice_queue_paused: gauge('1 while the tenant is paused.', 'none', ['tenant', 'signal']),
  sluice_queue_stored_samples_total: counter('Samples or entries taken because they were stored.', 'samples', [
    'tenant',
    'signal',
  ]),
  sluice_queue_dropped_samples_total: counter(
    'Samples or entries given up: `refused` by upstream for good, `too_old`, `storage_full`, `removed_by_command`, `damaged`.',
    'samples',
    ['tenant', 'signal', 'reason'],
  ),
  sluice_queue_merged_parts_total: counter('Parts of pushes that went into batches.', 'parts', ['signal']),
  sluice_queue_batches_total: counter('Batches closed; fewer than parts where parts merged.', 'batches', ['signal']),

  // The store
  sluice_store_write_failing: gauge('1 while the store can’t be written and lanes answer instead, else 0.', 'none', []),
  sluice_store_bytes: gauge('Bytes on disk that wait to be sent, of all tenants.', 'bytes', []),
  sluice_store_bytes_limit: gauge('The setting storage.max_bytes.', 'bytes', []),
  sluice_store_batches: gauge('Batches on disk that wait to be sent, of all tenants.', 'batches', []),
  sluice_store_write_failures_total: counter('Times that the store could no longer be written.', 'failures', []),
  sluice_store_sync_duration_seconds: histogram('A synced write to the disk.', 'seconds', seconds, []),

  // The queue, by Prometheus' names
  prometheus_remote_storage_samples_in_total: counter(
    'Samples and histograms, or log entries, that came into the queue.',
    'samples',
    [],
  ),
  prometheus_remote_storage_highest_timestamp_in_seconds: gauge(
    'When the newest data came into the queue, of all tenants, in seconds since 1970; sample timestamps are not read.',
    'seconds',
    [],
  ),
  prometheus_remote_storage_samples_total: counter(
    'Samples and histograms, or log entries, sent, of all tenants; each attempt counts.',
    'samples',
    remote,
  ),
  prometheus_remote_storage_samples_failed_total: counter(
    'Samples that upstream refused for good, of all tenants.',
    'samples',
    remote,
  ),
  prometheus_remote_storage_samples_retried_total: counter(
    'Samples of attempts that failed and are repeated, of all tenants.',
    'samples',
    remote,
  ),
  prometheus_remote_storage_samples_dropped_total: counter(
    'Samples given up without being sent, of all tenants; those of one tenant: `sluice_queue_dropped_samples_total`.',
    'samples',
    ['remote_name', 'url', 'reason'],
  ),
  prometheus_remote_storage_bytes_total: counter(
    'Bytes of bodies that upstream settled, compressed, of all tenants.',
    'bytes',
    remote,
  ),
  prometheus_remote_storage_sent_batch_duration_seconds: histogram(
    'From a request’s start to its answer, of all tenants.',
    'seconds',
    batchSeconds,
    remote,
  ),
  prometheus_remote_storage_queue_highest_timestamp_seconds: gauge(
    'When the newest data came into the queue, of all tenants, in seconds since 1970.',
    'seconds',
    remote,
  ),
  prometheus_remote_storage_queue_highest_sent_timestamp_seconds: gauge(
    'When the newest data that upstream settled had come, of all tenants; one that is behind shows in `sluice_queue_oldest_age_seconds`.',
    'seconds',
    remote,
  ),
  prometheus_remote_storage_samples_pending: gauge(
    'Samples not settled yet, in memory or on disk, of all tenants.',
    'samples',
    remote,
  ),
  prometheus_remote_storage_shard_capacity: gauge('The setting queue.capacity.', 'samples', remote),
  prometheus_remote_storage_shards: gauge('Lanes of the tenant that has most.', 'lanes', remote),
  prometheus_remote_storage_shards_desired: gauge(
    'Lanes that would be enough for the tenant that needs most, limits aside.',
    'lanes',
    remote,
  ),
  prometheus_remote_storage_shards_min: gauge('The setting queue.min_shards.', 'lanes', remote),
  prometheus_remote_storage_shards_max: gauge('Lanes that a tenant may get, overrides aside.', 'lanes', remote),
  prometheus_remote_storage_max_samples_per_send: gauge('The setting queue.max_samples_per_send.', 'samples', remote),

  // Components of the agent, by Alloy's names
  prometheus_fanout_latency: histogram(
    'From a batch’s start at the first receiver until all have settled it.',
    'seconds',
    fanOutSeconds,
    component,
  ),
  prometheus_forwarded_samples_total: counter('Samples and histograms handed on.', 'samples', component),
  prometheus_receive_http_request_duration_seconds: histogram(
    'From the last byte of a request read to its answer; requests refused before that count as 0.',
    'seconds',
    serverSeconds,
    answered,
  ),
  prometheus_receive_http_request_message_bytes: histogram(
    'Body of a request as it came over the wire.',
    'bytes',
    serverBytes,
    served,
  ),
  prometheus_receive_http_tcp_connections: gauge('Connections that are open.', 'connections', [
    'component_id',
    'protocol',
  ]),
  alloy_prometheus_relabel_metrics_processed: counter('Samples and histograms that came in.', 'samples', component),
  alloy_prometheus_relabel_metrics_written: counter(
    'Samples and histograms that the rules kept.',
    'samples',
    component,
  ),
  alloy_prometheus_relabel_cache_hits: counter(
    'Series whose outcome was known; Alloy counts samples.',
    'series',
    component,
  ),
  alloy_prometheus_relabel_cache_misses: counter(
    'Series that the rules had to judge; Alloy counts samples.',
    'series',
    component,
  ),
  alloy_prometheus_relabel_cache_size: gauge('Series whose outcome is remembered.', 'series', component),
  local_file_timestamp_last_accessed_unix_seconds: gauge(
    'When the file was last read, in seconds since 1970.',
    'seconds',
    component,
  ),
  loki_source_api_request_duration_seconds: histogram(
    'From the last byte of a request read to its answer; requests refused before that count as 0.',
    'seconds',
    serverSeconds,
    answered,
  ),
  loki_source_api_request_message_bytes: histogram(
    'Body of a request as it came over the wire.',
    'bytes',
    serverBytes,
    served,
  ),
  loki_source_api_tcp_connections: gauge('Connections that are open.', 'connections', ['component_id', 'protocol']),
  loki_source_api_entries_written: counter('Log entries handed on.', 'entries', component),

  // What a retry does not send again
  sluice_retry_memory_bytes: gauge('Memory held to remember the outcome of parts.', 'bytes', []),
  sluice_retry_memory_entries: gauge('Pushes whose parts are remembered.', 'requests', []),
  sluice_retry_parts_skipped_total: counter('Parts of repeated pushes answered from memory, not resent.', 'parts', []),
  sluice_retry_joined_total: counter('Parts of repeated pushes that joined an attempt still in flight.', 'parts', []),

  // Metadata of remote write 1
  sluice_metadata_held: gauge('Metadata records that wait for a series of their family.', 'records', []),
  sluice_metadata_pairs: gauge('Pairs of family and tenant that metadata follows.', 'pairs', []),
  sluice_metadata_sent_total: counter('Metadata records sent upstream.', 'records', []),
  sluice_metadata_dropped_total: counter('Metadata records dropped.', 'records', ['reason']),

  // The program
  sluice_build_info: gauge('Always 1; the labels say what is running.', 'none', ['version', 'node']),
  sluice_config_last_reload_successful: gauge('1 if the latest reload, or the start, took effect, else 0.', 'none', []),
  sluice_config_last_reload_success_timestamp_seconds: gauge(
    'When settings last took effect, in seconds since 1970.',
    'seconds',
    [],
  ),
  sluice_config_hash: gauge(
    'Hash of the agent’s files in effect, to see whether several of them have the same; 0 in the proxy.',
    'none',
    [],
  ),
  alloy_component_controller_running_components: gauge('Components of the agent by their health.', 'components', [
    'health_type',
  ]),
  sluice_tls_cert_reload_failures_total: counter(
    'Times that a changed certificate or key could not be loaded; the old one stays in use.',
    'reloads',
    [],
  ),
  sluice_rejection_log_entries: gauge('Entries that /api/v1/rejections can show.', 'entries', []),
  sluice_log_lines_suppressed_total: counter('Log lines left out by the limit of one a minute.', 'lines', []),
  sluice_internal_errors_total: counter('Defects of Sluice that were caught and answered 500.', 'errors', []),
  sluice_dry_run_total: counter('Pushes answered 204 without sending, because of dry_run.', 'requests', ['signal']),
  sluice_dry_run_samples_total: counter('Samples or entries that dry_run kept from being sent.', 'samples', [
    'tenant',
    'signal',
  ]),

  // cortex-tenant's names
  cortex_tenant_timeseries_batches_received: { ...counter('Pushes of metrics received.', 'requests', []), ...ct },
  cortex_tenant_timeseries_batches_received_bytes: {
    ...histogram('Body of a push of metrics as it came over the wire.', 'bytes', ctBytes, []),
    ...ct,
  },
  cortex_tenant_timeseries_received: { ...counter('Series received.', 'items', ['tenant']), ...ct },
  cortex_tenant_timeseries_requests: { ...counter('Requests made upstream.', 'requests', ['tenant']), ...ct },
  cortex_tenant_timeseries_request_errors: {
    ...counter('Requests upstream that got no answer.', 'requests', ['tenant']),
    ...ct,
  },
  cortex_tenant_timeseries_request_duration_milliseconds: {
    ...histogram('Duration of requests upstream that were answered.', 'milliseconds', ctMilliseconds, [
      'code',
      'tenant',
    ]),
    ...ct,
  },
  cortex_tenant_streams_batches_received: { ...counter('Pushes of logs received.', 'requests', []), ...ct },
  cortex_tenant_streams_batches_received_bytes: {
    ...histogram('Body of a push of logs as it came over the wire.', 'bytes', ctBytes, []),
    ...ct,
  },
  cortex_tenant_streams_received: { ...counter('Streams received.', 'items', ['tenant']), ...ct },
  cortex_tenant_streams_requests: { ...counter('Requests made upstream.', 'requests', ['tenant']), ...ct },
  cortex_tenant_streams_request_errors: {
    ...counter('Requests upstream that got no answer.', 'requests', ['tenant']),
    ...ct,
  },
  cortex_tenant_streams_request_duration_milliseconds: {
    ...histogram('Duration of requests upstream that were answered.', 'milliseconds', ctMilliseconds, [
      'code',
      'tenant',
    ]),
    ...ct,
  },
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof catalogue
