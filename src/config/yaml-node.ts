// What every reader of a file's values needs: the text of a scalar, or a report of what stands there instead.

import { isMap, isScalar, type ParsedNode } from 'yaml'
import { listHint } from './decode-text.ts'
import type { SettingValue } from './setting-spec.ts'
import type { Span } from './source-file.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'
import { scalarMeaning, type YamlScalar } from './yaml-scalar.ts'

export interface Leaf {
  readonly value: SettingValue
  /** Where the items of a list, or the names in a mapping, are. */
  readonly parts?: ReadonlyMap<string, Span>
}

/** What to do where a value of another shape belongs. */
export const shapeHints: Readonly<Record<string, string>> = {
  'a list': listHint,
  'a mapping': 'write `name: value`, one per line and indented',
}

/** The text and meaning of a node that must be a scalar; undefined, and reported, if it is none. */
export function readScalar(
  reader: YamlReader,
  node: ParsedNode,
  want: string,
): { text: string; meaning: YamlScalar } | undefined {
  const target = reader.document.resolve(node)
  if (target === undefined) {
    reader.report(
      'error',
      spanOf(node),
      'no anchor of this name comes before it',
      'write & and the name at a value above',
    )
    return undefined
  }
  if (!isScalar(target)) {
    reader.secretIfSuspect(node)
    const found = isMap(target) ? 'mapping' : 'list'
    reader.report('error', spanOf(node), `${want} belongs here, not a ${found}`, shapeHints[want] ?? 'write one value')
    return undefined
  }
  const meaning = scalarMeaning(target)
  if (meaning === undefined) {
    reader.report('error', spanOf(node), 'the tag does not fit the value', 'leave the tag out')
    return undefined
  }
  return { text: target.source, meaning }
}

/** Whether a node is an empty scalar, or null in another spelling. */
export function isUnset(reader: YamlReader, node: ParsedNode): boolean {
  const target = reader.document.resolve(node)
  return isScalar(target) && scalarMeaning(target)?.kind === 'null'
}
