// The order of a graph: what is referred to comes before what refers to it. Where that is impossible there are cycles.

/** Ids → ids that each refers to; all of them are keys. */
export type Edges = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Groups of nodes that reach one another (Tarjan), each after all that it refers to. Without cycles every group is one
 * node. Among equals the order is that of the keys. Any depth will do.
 */
export function components(edges: Edges): readonly (readonly string[])[] {
  const found: string[][] = []
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const open = (id: string): { id: string; rest: Iterator<string> } => {
    index.set(id, index.size)
    low.set(id, index.get(id) as number)
    stack.push(id)
    onStack.add(id)
    return { id, rest: (edges.get(id) ?? new Set<string>()).values() }
  }
  const lower = (id: string, to: number): void => void low.set(id, Math.min(low.get(id) as number, to))
  for (const root of edges.keys()) {
    if (index.has(root)) continue
    const path = [open(root)]
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const next = at.rest.next()
      if (!next.done) {
        if (!index.has(next.value)) path.push(open(next.value))
        else if (onStack.has(next.value)) lower(at.id, index.get(next.value) as number)
        continue
      }
      path.pop()
      const parent = path.at(-1)
      if (parent !== undefined) lower(parent.id, low.get(at.id) as number)
      if (low.get(at.id) !== index.get(at.id)) continue
      const group = stack.splice(stack.lastIndexOf(at.id))
      for (const id of group) onStack.delete(id)
      found.push(group)
    }
  }
  return found
}

/** The edges the other way round. */
export function reversed(edges: Edges): Edges {
  const back = new Map<string, Set<string>>([...edges.keys()].map((id) => [id, new Set()]))
  for (const [id, targets] of edges) for (const target of targets) back.get(target)?.add(id)
  return back
}
