// What shows only between components, as their kinds see it: each is given the blocks that its data comes to.

import type { Block } from '../syntax/ast.ts'
import { referencesOf } from '../syntax/references.ts'
import { exportType, expressionsOf, isReceiver, resolve, type Target } from './block-references.ts'
import type { Declared } from './declared.ts'
import type { Problems } from './problems.ts'

/** `sendsTo`: ids of those whose receivers the component `id` has. */
export function review(
  declared: readonly Declared[],
  targets: ReadonlyMap<string, Target>,
  sendsTo: (id: string) => ReadonlySet<string>,
  problems: Problems,
): void {
  const blocks = new Map(declared.filter(({ isRepeated }) => !isRepeated).map(({ id, block }) => [id, block]))
  const downstream = (part: Block): readonly Block[] => {
    const reached = new Set<string>()
    const reach = (id: string): void => {
      if (reached.has(id)) return
      reached.add(id)
      for (const next of sendsTo(id)) reach(next)
    }
    for (const { path } of expressionsOf(part).flatMap(referencesOf)) {
      const { target, exported = '' } = resolve(path, targets) ?? {}
      if (target?.kind !== undefined && isReceiver(exportType(target.kind, exported))) reach(target.id)
    }
    return [...reached].flatMap((id) => blocks.get(id) ?? [])
  }
  for (const { id, block, file, kind, isBroken } of declared) {
    if (!isBroken) kind?.review?.(block, downstream, problems.reporter(file.name, id))
  }
}
