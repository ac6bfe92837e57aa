// How lanes that store work, as the engine takes it: camelCase, all present, already checked. The fields are those of
// Prometheus' queue_config; the queue's own three stand beside them.

/** What `queue_config` says, for all tenants or, in an override, for some. */
export interface QueueConfig {
  /** Samples of a tenant that may wait in memory, stored or not; at least 1. */
  readonly capacity: number
  /** Lanes that a tenant begins with, at least 1. */
  readonly minShards: number
  /** Lanes that a tenant may get, at least `minShards`. */
  readonly maxShards: number
  /** Samples (log entries) with which a batch closes, at least 1. */
  readonly maxSamplesPerSend: number
  /** How long a batch that no sender waits for may stay open. */
  readonly batchSendDeadlineMs: number
  /** The first wait after a failed attempt; it doubles. */
  readonly minBackoffMs: number
  /** The longest wait, at least `minBackoffMs`. */
  readonly maxBackoffMs: number
  /** Whether a 429 is tried again, rather than the batch dropped. */
  readonly retryOnHttp429: boolean
  /** Batches whose newest sample is older than this are dropped; 0: none is. */
  readonly sampleAgeLimitMs: number
}

/** The queue of an endpoint. */
export interface QueueSettings extends QueueConfig {
  /** How long parts of one tenant are collected for one request while senders wait; 0: no merging. */
  readonly mergeWindowMs: number
  /** How long senders wait for upstream's answer before their parts are stored; 0: all is stored at once. */
  readonly ackGraceMs: number
  /** Labels whose values, in a part's first series, must agree within a request. */
  readonly haLabels: readonly string[]
}
