// What may stand in a component, as a list: its own arguments, then each block in it, by path. Pages, coverage and
// checks of files work from this list.

import type { AnyKind, AttributeSpec, BlockSchema, BlockSpec } from '../graph/component.ts'
import { httpKind } from '../graph/root/http.ts'
import { loggingKind } from '../graph/root/logging.ts'

export interface Section {
  /** Names of blocks, from the component's own on; empty: the component itself. */
  readonly path: readonly string[]
  /** undefined: the component itself. */
  readonly block: BlockSpec | undefined
  readonly schema: BlockSchema
}

/** The component first, each block before those in it. */
export function sectionsOf(schema: BlockSchema, path: readonly string[] = [], block?: BlockSpec): readonly Section[] {
  const inner = Object.entries(schema.blocks).flatMap(([name, spec]) => sectionsOf(spec.schema, [...path, name], spec))
  return [{ path, block, schema }, ...inner]
}

/** Path of an argument or block, and why it is not what it is in Alloy. */
export interface Note {
  readonly name: string
  readonly reason: string
}

const at = (path: readonly string[], name: string): string => [...path, name].join(' > ')

/** What is taken without effect. What stands in an ignored block isn't listed. */
export function ignoredIn(schema: BlockSchema, path: readonly string[] = []): readonly Note[] {
  const attributes = Object.entries<AttributeSpec>(schema.attributes).flatMap(([name, { ignored: reason }]) =>
    reason === undefined ? [] : [{ name: at(path, name), reason }],
  )
  const blocks = Object.entries(schema.blocks).flatMap(([name, { ignored: reason, schema: inner }]) =>
    reason === undefined ? ignoredIn(inner, [...path, name]) : [{ name: at(path, name), reason }],
  )
  return [...attributes, ...blocks]
}

/** What Alloy has and is refused here. */
export const unsupportedIn = (schema: BlockSchema): readonly Note[] =>
  sectionsOf(schema).flatMap(({ path, schema: { unsupported = {} } }) =>
    Object.entries(unsupported).map(([name, reason]) => ({ name: at(path, name), reason })),
  )

const nothing = (): void => undefined

/** Kinds of the root blocks, for their schemas. */
export const rootKinds: readonly AnyKind[] = [loggingKind(nothing), httpKind(nothing)]
