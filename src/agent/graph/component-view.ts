// A component as the HTTP API shows it: names and values are Alloy's (internal/component, Info.MarshalJSON).

import { argumentsToJson, type StatementJson, valuesToJson } from './body-json.ts'
import type { PlannedNode } from './check.ts'
import type { Health } from './component.ts'
import type { Node } from './node.ts'

export interface HealthView {
  readonly state: Health['state']
  readonly message: string
  /** RFC 3339. */
  readonly updatedTime: string
}

export interface ComponentView {
  /** `prometheus.remote_write` */
  readonly name: string
  readonly type: 'block'
  /** `prometheus.remote_write.mimir` */
  readonly localID: string
  /** '': there are no modules yet. */
  readonly moduleID: string
  readonly label: string
  readonly referencesTo: readonly string[]
  readonly referencedBy: readonly string[]
  /** Ids of components that it sends data to. */
  readonly dataFlowEdgesTo: readonly string[]
  readonly health: HealthView
  /** Always '', as Alloy's. */
  readonly original: string
  /** Of a single component only. Secrets are `(secret)`. */
  readonly arguments?: readonly StatementJson[]
  readonly exports?: readonly StatementJson[]
  readonly debugInfo?: readonly StatementJson[]
  readonly createdModuleIDs?: readonly string[]
  readonly liveDebuggingEnabled: boolean
}

/** `isWhole`: with arguments, exports and debug information. */
export function viewOf(node: Node, plan: readonly PlannedNode[], isWhole: boolean): ComponentView {
  const { id, planned, kind, health } = node
  return {
    name: kind.name,
    type: 'block',
    localID: id,
    moduleID: '',
    label: planned.block.label ?? '',
    referencesTo: [...planned.refersTo].sort(),
    referencedBy: plan
      .filter(({ refersTo }) => refersTo.has(id))
      .map((other) => other.id)
      .sort(),
    dataFlowEdgesTo: [...planned.sendsTo, ...readersOf(id, plan)].sort(),
    health: { state: health.state, message: health.message, updatedTime: new Date(health.sinceMs).toISOString() },
    original: '',
    ...(isWhole ? details(node) : {}),
    liveDebuggingEnabled: false,
  }
}

/** Other exports than receivers go the other way: to those that refer to them. */
const readersOf = (id: string, plan: readonly PlannedNode[]): readonly string[] =>
  plan.filter(({ refersTo, sendsTo }) => refersTo.has(id) && !sendsTo.has(id)).map((other) => other.id)

function details(node: Node): Pick<ComponentView, 'arguments' | 'exports' | 'debugInfo'> {
  const { decoded, kind, exports } = node
  const info = node.debugInfo()
  return {
    ...(decoded === undefined ? {} : { arguments: argumentsToJson(decoded, kind.schema) }),
    ...(exports.size === 0 ? {} : { exports: valuesToJson(exports) }),
    ...(info === undefined ? {} : { debugInfo: valuesToJson(Object.entries(info)) }),
  }
}
