// What a pipeline needs to know, already checked and in the form it is used in. One object per settings generation.

import type { QueueSettings } from '../config/queue-settings.ts'
import type { Override, ProtobufMessage, TenancySettings } from '../config/tenancy-settings.ts'
import type { Batch } from '../wire/batch.ts'
import type { Withheld } from '../wire/codec.ts'
import type { Send } from '../wire/message.ts'

export interface EndpointSettings {
  readonly tenancy: TenancySettings
  /** Where parts go: http or https. */
  readonly url: string
  /** Headers of every request besides those of the protocol; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Sends one request: the links of this endpoint, and the transport at their end. */
  readonly send: Send
  /** The same for the tenants of an override; undefined where they are sent for as all others are. */
  readonly sendOf?: (override: Override) => Send | undefined
  /** What of the series does not go, where no override says otherwise; absent: they go as they came. */
  readonly withheld?: Withheld
  /** The form of remote write that is sent where no override says otherwise; absent: the one in which a push came. */
  readonly protobufMessage?: ProtobufMessage
  /**
   * What becomes of a batch before its series are routed: external labels and relabelling. What it gives is used until
   * the next call, and stays its own; the same batch where nothing changes.
   */
  readonly prepare?: (batch: Batch) => Batch
}

export interface PipelineSettings {
  readonly metrics: EndpointSettings
  readonly logs: EndpointSettings
  /** Whole time for a part, waiting for a connection included, in ms. */
  readonly timeoutMs: number
  /** Requests upstream at one time, for each signal. */
  readonly maxInFlight: number
  /** Upper bound of the Retry-After handed on, in seconds. */
  readonly maxRetryAfter: number
  readonly maxDecompressedBytes: number
  /** What can't be delivered at once is stored; absent: it is answered. */
  readonly queue?: QueueSettings
  /** ct's `tenant.accept_all`: answer 204 whatever upstream says. */
  readonly acceptAll: boolean
  /** Everything but sending; answers 204. */
  readonly dryRun: boolean
  /** Log each answer of upstream that is not 2xx, at most once a minute and tenant. */
  readonly logResponseErrors: boolean
}
