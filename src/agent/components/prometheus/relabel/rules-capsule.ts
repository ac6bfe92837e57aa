// The rules of a relabelling component as a value: others apply them without writing them again.

import type { RelabelRule } from '../../../../relabel/rule.ts'
import { toCapsule } from '../../../syntax/convert.ts'
import { capsuleValue } from '../../../syntax/make-value.ts'
import type { CapsuleValue, Value } from '../../../syntax/value.ts'

/** Alloy's name of the type. */
const name = 'relabel.Rules'

export const rulesCapsule = (rules: readonly RelabelRule[]): CapsuleValue => capsuleValue(name, rules)

/** Throws ValueError for any other value. */
export const rulesOf = (value: Value): readonly RelabelRule[] =>
  toCapsule(value, name, (capsule) => (capsule.name === name ? (capsule.content as readonly RelabelRule[]) : undefined))
