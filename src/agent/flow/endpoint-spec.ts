// What an `endpoint` block comes down to: where its parts go and how, as values that can be compared. What is equal
// needs no other pipeline.

import type { HttpClientSettings } from '../../config/http-client/http-client-settings.ts'
import type { QueueSettings } from '../../config/queue-settings.ts'
import type { ProtobufMessage, TenancySettings } from '../../config/tenancy-settings.ts'
import type { Batch } from '../../wire/batch.ts'
import type { Withheld } from '../../wire/codec.ts'
import type { Receiver } from './receiver.ts'

export interface EndpointSpec {
  /** Component label and `name` or position: `prometheus.remote_write.mimir/0`. Stable, since it is its name in the store. */
  readonly id: string
  readonly signal: Receiver['signal']
  readonly to: UpstreamSpec | ForwardSpec
  /** The `tenancy` block, or `noTenancy`. Where it sends no metadata, `metadata` is `drop`. */
  readonly tenancy: TenancySettings
  /** `remote_timeout`. */
  readonly timeoutMs: number
  /** `queue_config`, and how parts are merged; absent: lanes answer. Taken only where the program has a store. */
  readonly queue?: QueueSettings
  /** What `send_exemplars` and `send_native_histograms` keep back. */
  readonly withheld?: Withheld
  /** The form of remote write that is sent where no override says otherwise; absent: the one in which data comes. */
  readonly protobufMessage?: ProtobufMessage
  /** External labels and `write_relabel_config`: come before tenancy. Absent where there are none. */
  readonly prepare?: PrepareSpec
}

export interface UpstreamSpec {
  /** http or https. */
  readonly url: string
  readonly client: HttpClientSettings
}

export interface ForwardSpec {
  readonly forwardTo: readonly Receiver[]
}

export interface PrepareSpec {
  /** All that `make` depends on, to be compared. */
  readonly of: unknown
  /** Makes it, with its cache; called once for each endpoint. The result of its result is used until the next call. */
  readonly make: () => (batch: Batch) => Batch
}
