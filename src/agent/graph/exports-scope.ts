// What components export, as expressions read it: `prometheus.relabel.x` is an object in an object in an object.

import { objectValue } from '../syntax/make-value.ts'
import type { Scope } from '../syntax/scope.ts'
import type { Value } from '../syntax/value.ts'

interface Branch {
  readonly children: Map<string, Branch>
  exports: ReadonlyMap<string, Value>
}

/** Ids → exports. The map is read once. */
export function scopeOf(exports: ReadonlyMap<string, ReadonlyMap<string, Value>>): Scope {
  const root: Branch = { children: new Map(), exports: new Map() }
  for (const [id, values] of exports) {
    let at = root
    for (const name of id.split('.')) {
      const child = at.children.get(name) ?? { children: new Map(), exports: new Map() }
      at.children.set(name, child)
      at = child
    }
    at.exports = values
  }
  const made = new Map<string, Value>()
  return {
    lookup(name) {
      const branch = root.children.get(name)
      if (branch === undefined) return undefined
      const value = made.get(name) ?? objectOf(branch)
      made.set(name, value)
      return value
    },
  }
}

const objectOf = ({ children, exports }: Branch): Value =>
  objectValue([...exports, ...[...children].map(([name, child]) => [name, objectOf(child)] as const)])
