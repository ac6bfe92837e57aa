// A component as the HTTP API shows it: names and values as Alloy's (internal/component, Info.MarshalJSON).

/** Times as RFC 3339. */
export interface HealthView {
  readonly state: 'unknown' | 'healthy' | 'unhealthy' | 'exited'
  readonly message: string
  readonly updatedTime: string
}

export interface ComponentView {
  /** `prometheus.remote_write` */
  readonly name: string
  readonly type: 'block'
  /** `prometheus.remote_write.mimir` */
  readonly localID: string
  readonly moduleID: string
  readonly label?: string
  readonly referencesTo: readonly string[]
  readonly referencedBy: readonly string[]
  readonly dataFlowEdgesTo: readonly string[]
  readonly health: HealthView
  readonly original: string
  /** In the form of the API's bodies; only of a single component. Secrets are `(secret)`. */
  readonly arguments?: readonly unknown[]
  readonly exports?: readonly unknown[]
  readonly debugInfo?: readonly unknown[]
  readonly createdModuleIDs?: readonly string[]
  readonly liveDebuggingEnabled: boolean
}
