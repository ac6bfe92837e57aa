// What stands for an export that its component has not published yet.

import {
  arrayValue,
  boolValue,
  intValue,
  nullValue,
  objectValue,
  secretValue,
  stringValue,
} from '../syntax/make-value.ts'
import type { Value } from '../syntax/value.ts'
import { exportType } from './block-references.ts'
import type { AnyKind, ExportType } from './component.ts'

const zeroValues: Readonly<Record<ExportType, () => Value>> = {
  metrics: nullValue,
  logs: nullValue,
  any: nullValue,
  string: () => stringValue(''),
  secret: () => secretValue(''),
  number: () => intValue(0),
  bool: () => boolValue(false),
  array: () => arrayValue([]),
  object: () => objectValue([]),
}

/** All exports of a kind: those that are there, and zero values for the others. */
export const withZeroValues = (kind: AnyKind, published: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
  new Map(
    Object.keys(kind.exports).map(
      (name) => [name, published.get(name) ?? zeroValues[exportType(kind, name)]()] as const,
    ),
  )
