// What the program gives to all components, by its types: the graph hands it on without knowing what it is.

import type { QueueSettings } from '../../config/queue-settings.ts'
import type { Admission } from '../../receive/admission.ts'
import type { Endpoints } from '../flow/endpoints.ts'
import type { Services } from '../graph/component.ts'
import type { Ports } from './push-server/ports.ts'

/** Filled by the program that runs the graph (`GraphOptions.services`); a test fills what its components use. */
export interface AgentServices extends Services {
  /** All endpoints, by the component that they belong to. */
  readonly endpoints: Endpoints
  /** Bytes of pushes in flight, all listeners together. */
  readonly admission: Admission
  /** Who listens where. */
  readonly ports: Ports
  /** Sent upstream where a sender gives none: `Sluice/VERSION`. */
  readonly userAgent: string
  /** Upper bound of the Retry-After handed on, in seconds. */
  readonly maxRetryAfter: number
  /** Longest body of a push, in bytes. */
  readonly maxBodySize: number
  /** The same uncompressed. */
  readonly maxDecompressedBytes: number
  /** How parts with a queue are merged; what `queue_config` doesn't say. */
  readonly merging: Pick<QueueSettings, 'mergeWindowMs' | 'ackGraceMs' | 'haLabels'>
  /** To standard output, as it is. */
  readonly print: (text: string) => void
  /** Told when a component has ended: its metrics go (`MetricsRegistry.forgetComponent`). */
  readonly onComponentGone?: (id: string) => void
}

/** The program's services, as a component's context has them. */
export const servicesOf = ({ services }: { readonly services: Services }): AgentServices => services as AgentServices
