// What of a configuration there is here: its components, and what in them is taken without effect, refused by name, or
// known to nobody. Nothing is evaluated: what is not there at all says nothing about what is.

import { sourceFile } from '../../config/source-file.ts'
import { alloyComponents, unsupportedRootBlocks } from '../graph/alloy-names.ts'
import type { AnyKind, BlockSchema } from '../graph/component.ts'
import type { Source } from '../graph/graph-options.ts'
import type { Block } from '../syntax/ast.ts'
import { parseFile } from '../syntax/parse.ts'
import { rootKinds } from './sections.ts'

export interface Covered {
  readonly state: 'supported' | 'ignored' | 'unsupported' | 'unknown'
  /** `prometheus.remote_write.mimir`, `prometheus.remote_write.mimir: endpoint > queue_config`. */
  readonly what: string
  /** `main.alloy:2:1` */
  readonly place: string
  /** Why, or what to do. */
  readonly reason?: string
}

/** Components by the order of the text, then what in them is not as in Alloy. */
export function coverageOf(sources: readonly Source[], kinds: readonly AnyKind[]): readonly Covered[] {
  const known = new Map([...kinds, ...rootKinds].map((kind) => [kind.name, kind]))
  return sources.flatMap(({ name, text }) => {
    const source = sourceFile(name, text)
    const placeOf = (span: { readonly start: number; readonly end: number }): string => {
      const { file, line, col } = source.position(span)
      return `${file}:${line}:${col}`
    }
    const blocks = parseFile(name, text).file.body.filter((statement) => statement.kind === 'block')
    return blocks.flatMap((block): readonly Covered[] => {
      const kindName = block.name.join('.')
      const what = [...block.name, ...(block.label === undefined ? [] : [block.label])].join('.')
      const kind = known.get(kindName)
      const place = placeOf(block.nameSpan)
      if (kind === undefined) return [{ what, place, ...absent(kindName) }]
      const inside = (path: readonly string[]): string => `${what}: ${path.join(' > ')}`
      return [{ state: 'supported', what, place }, ...coverageIn(block, kind.schema, [], { inside, placeOf })]
    })
  })
}

function absent(name: string): Pick<Covered, 'state' | 'reason'> {
  const instead = unsupportedRootBlocks.get(name)
  if (instead !== undefined) return { state: 'unsupported', reason: instead }
  if (alloyComponents.has(name)) return { state: 'unsupported', reason: 'Alloy has it, Sluice not yet' }
  return { state: 'unknown', reason: 'neither Alloy nor Sluice has it' }
}

interface Naming {
  readonly inside: (path: readonly string[]) => string
  readonly placeOf: (span: { readonly start: number; readonly end: number }) => string
}

function coverageIn(block: Block, schema: BlockSchema, path: readonly string[], naming: Naming): readonly Covered[] {
  return block.body.flatMap((statement): readonly Covered[] => {
    const isBlock = statement.kind === 'block'
    const name = isBlock ? statement.name.join('.') : statement.name.name
    const own = [...path, name]
    const said = { what: naming.inside(own), place: naming.placeOf(isBlock ? statement.nameSpan : statement.name) }
    const rows = isBlock ? schema.blocks : schema.attributes
    const spec = Object.hasOwn(rows, name) ? rows[name] : undefined
    if (spec === undefined) {
      const reason = Object.hasOwn(schema.unsupported ?? {}, name) ? schema.unsupported?.[name] : undefined
      if (reason !== undefined) return [{ state: 'unsupported', ...said, reason }]
      return [{ state: 'unknown', ...said, reason: 'there is nothing of this name' }]
    }
    if (spec.ignored !== undefined) return [{ state: 'ignored', ...said, reason: spec.ignored }]
    return isBlock && 'schema' in spec ? coverageIn(statement, spec.schema, own, naming) : []
  })
}

const titles: Readonly<Record<Covered['state'], string>> = {
  supported: 'supported',
  ignored: 'taken without effect',
  unsupported: 'not supported',
  unknown: 'unknown',
}

/** As a text for people: a part for each state that there is. */
export function coverageText(covered: readonly Covered[]): string {
  const parts = Object.entries(titles).flatMap(([state, title]) => {
    const rows = covered.filter((one) => one.state === state)
    if (rows.length === 0) return []
    const width = Math.max(...rows.map(({ what }) => what.length))
    const lines = rows.map(({ what, place, reason }) => {
      const line = `  ${what.padEnd(width)}  ${place}`
      return reason === undefined ? `${line}\n` : `${line}\n      ${reason}\n`
    })
    return [`${title} (${rows.length}):\n${lines.join('')}`]
  })
  return parts.join('\n')
}
