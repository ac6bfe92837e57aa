// Settings that have dotted paths elsewhere (`basic_auth.username`), as nested blocks, and blocks back as such paths with
// their places: so one table of rows and one set of rules serve files of every syntax.

import type { SettingValue } from '../../../config/setting-spec.ts'
import type { Span } from '../../../config/source-file.ts'
import type { AttributeSpec, BlockSchema, BlockSpec, Decoded } from '../../graph/component.ts'

type Rows = Readonly<Record<string, AttributeSpec>>

/** A block for each group of the rows' paths; `docs` says of each group, by its path, what it is. */
export function blockOfRows(rows: Rows, docs: Readonly<Record<string, string>> = {}, at = ''): BlockSchema {
  const attributes: Record<string, AttributeSpec> = {}
  const groups = new Map<string, Record<string, AttributeSpec>>()
  for (const [path, spec] of Object.entries(rows)) {
    const dot = path.indexOf('.')
    if (dot < 0) attributes[path] = spec
    else {
      const group = path.slice(0, dot)
      const inside = groups.get(group) ?? {}
      groups.set(group, { ...inside, [path.slice(dot + 1)]: spec })
    }
  }
  const blocks = [...groups].map(([name, inside]): readonly [string, BlockSpec] => {
    const path = at + name
    const doc = docs[path]
    if (doc === undefined) throw new Error(`the block ${path} has no doc`)
    return [name, { doc, schema: blockOfRows(inside, docs, `${path}.`) }]
  })
  return { attributes, blocks: Object.fromEntries(blocks) }
}

/** What a block and the blocks in it say, by dotted path. */
export interface FlatRows {
  /** Of rows that are written or have a default. */
  readonly values: Map<string, SettingValue>
  /** Of rows and groups that are written. */
  readonly spans: Map<string, Span>
  /** Groups that are there, be they empty. */
  readonly groups: ReadonlySet<string>
  /** Of the whole block. */
  readonly span: Span
}

/** Takes the rows that a schema of `blockOfRows` decoded. Blocks that repeat are not for it. */
export function flatRows(decoded: Decoded): FlatRows {
  const flat: FlatRows & { readonly groups: Set<string> } = {
    ...{ values: new Map(), spans: new Map(), groups: new Set(), span: decoded.span },
  }
  const add = ({ values, spans, blocks }: Decoded, at: string): void => {
    for (const [name, value] of values) flat.values.set(at + name, value as SettingValue)
    for (const [name, span] of spans) flat.spans.set(at + name, span)
    for (const [name, [inner, ...more]] of blocks) {
      if (inner === undefined || more.length > 0) continue
      flat.groups.add(at + name)
      flat.spans.set(at + name, inner.span)
      add(inner, `${at}${name}.`)
    }
  }
  add(decoded, '')
  return flat
}

/** Where a row stands: it or the innermost group around it that is written, else the block. */
export function placeOf({ spans, span }: Pick<FlatRows, 'spans' | 'span'>, path: string): Span {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const found = spans.get(path.slice(0, end))
    if (found !== undefined) return found
  }
  return span
}
