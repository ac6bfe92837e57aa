// How many components are in which health, by Alloy's name, so that its dashboards and alerts go on working.

import type { Meter } from '../../telemetry/meter.ts'
import type { Health } from '../graph/component.ts'
import type { Graph } from '../graph/graph-options.ts'

const states: readonly Health['state'][] = ['healthy', 'unhealthy', 'unknown', 'exited']

/** Makes the function that brings the gauge up to now. */
export function healthGauges(graph: Pick<Graph, 'listComponents'>): (meter: Meter) => void {
  return (meter) => {
    const counts = new Map<string, number>()
    for (const { health } of graph.listComponents()) counts.set(health.state, (counts.get(health.state) ?? 0) + 1)
    for (const state of states) {
      const labels = { health_type: state }
      meter.tally('alloy_component_controller_running_components', labels).value = counts.get(state) ?? 0
    }
  }
}
