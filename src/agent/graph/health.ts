// How a component is: the worst of how its last evaluation went, whether it runs, and what it says of itself.

import type { Health } from './component.ts'

const gravity = { healthy: 0, unknown: 1, unhealthy: 2, exited: 3 } as const satisfies Record<Health['state'], number>

/** The worst; of equals the newest; of those the first. */
export const worst = (first: Health, ...others: readonly Health[]): Health =>
  others.reduce((least, health) => {
    const difference = gravity[health.state] - gravity[least.state]
    return difference > 0 || (difference === 0 && health.sinceMs > least.sinceMs) ? health : least
  }, first)
