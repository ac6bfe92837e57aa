// What expressions read before anything runs: receivers are known by their type, so that lists of them can be checked;
// all else that components export is not known yet.

import { capsuleNames, type Receiver } from '../flow/receiver.ts'
import type { Expression } from '../syntax/ast.ts'
import { referencesOf } from '../syntax/references.ts'
import type { Scope } from '../syntax/scope.ts'
import type { Value } from '../syntax/value.ts'
import { exportType, isReceiver, resolve, type Target } from './block-references.ts'
import { scopeOf } from './exports-scope.ts'

/** Stands for the receiver of a component that doesn't run: settings are checked with it, nothing is sent. */
const placeholder = (id: string, signal: Receiver['signal']): Value => {
  const receive = (): never => {
    throw new Error(`${id} does not run`)
  }
  return { type: 'capsule', name: capsuleNames[signal], content: { id, signal, receive } satisfies Receiver }
}

/** Names whose values depend on the machine. */
const ofMachine: ReadonlySet<string> = new Set(['sys', 'env', 'constants'])

export interface StaticScope {
  readonly scope: Scope
  readonly isKnown: (expression: Expression) => boolean
}

export function staticScope(
  targets: ReadonlyMap<string, Target>,
  isName: (name: string) => boolean,
  isElsewhere: boolean,
): StaticScope {
  const receivers = [...targets.values()].map(({ id, kind }): readonly [string, ReadonlyMap<string, Value>] => {
    const types = Object.entries(kind?.exportTypes ?? {}).filter(([, type]) => isReceiver(type))
    return [id, new Map(types.map(([name, type]) => [name, placeholder(id, type as Receiver['signal'])]))]
  })
  const isKnown = (expression: Expression): boolean =>
    referencesOf(expression).every(({ path, start, end }) => {
      const reference = resolve(path, targets)
      if (reference === undefined)
        return isName(path[0] as string) && !(isElsewhere && ofMachine.has(path[0] as string))
      const { target, exported } = reference
      // A component as it stands is an object, whatever is in it.
      if (exported === '') return target.kind !== undefined && start === expression.start && end === expression.end
      return target.kind !== undefined && isReceiver(exportType(target.kind, exported))
    })
  return { scope: scopeOf(new Map(receivers)), isKnown }
}
