// Dotted paths as a tree of names.

/** Known names: a branch, or what stands at the end of a path. */
export interface Tree<L extends object> {
  readonly branches: ReadonlyMap<string, Tree<L>>
  readonly leaves: ReadonlyMap<string, L>
}

/** The tree of dotted paths. */
export function treeOf<L extends object>(paths: Iterable<readonly [path: string, leaf: L]>): Tree<L> {
  const leaves = new Map<string, L>()
  const groups = new Map<string, [string, L][]>()
  for (const [path, leaf] of paths) {
    const dot = path.indexOf('.')
    if (dot < 0) leaves.set(path, leaf)
    else {
      const group = groups.get(path.slice(0, dot)) ?? []
      group.push([path.slice(dot + 1), leaf])
      groups.set(path.slice(0, dot), group)
    }
  }
  return { leaves, branches: new Map([...groups].map(([name, group]) => [name, treeOf(group)])) }
}
