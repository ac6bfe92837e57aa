// Work on all nodes of a graph, each as soon as those that it waits for are done, and what has nothing to do with one
// another side by side.

import type { PlannedNode } from './check.ts'
import { reversed } from './order.ts'

/** What a node refers to is done before it. `plan` is in that order already. */
export async function inOrder(plan: readonly PlannedNode[], work: (node: PlannedNode) => Promise<void>): Promise<void> {
  const edges = new Map(plan.map(({ id, refersTo }) => [id, refersTo]))
  await after(plan, edges, work)
}

/** What refers to a node is done before it. */
export async function inOppositeOrder(
  plan: readonly PlannedNode[],
  work: (node: PlannedNode) => Promise<void>,
): Promise<void> {
  const edges = reversed(new Map(plan.map(({ id, refersTo }) => [id, refersTo])))
  await after([...plan].reverse(), edges, work)
}

async function after(
  plan: readonly PlannedNode[],
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  work: (node: PlannedNode) => Promise<void>,
): Promise<void> {
  const done = new Map<string, Promise<void>>()
  for (const node of plan) {
    const first = [...(edges.get(node.id) ?? [])].map((id) => done.get(id))
    done.set(
      node.id,
      Promise.all(first).then(() => work(node)),
    )
  }
  await Promise.all(done.values())
}
