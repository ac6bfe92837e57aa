// What a block refers to: each path of names in it, led to the component with the longest id that it begins with.

import { nearest } from '../../config/nearest.ts'
import type { Attribute, Block, Expression } from '../syntax/ast.ts'
import { type NamePath, referencesOf } from '../syntax/references.ts'
import type { AnyKind, ExportType, Report } from './component.ts'
import { hintOf } from './decode-block.ts'

/** What a path can lead to. */
export interface Target {
  readonly id: string
  readonly kind: AnyKind | undefined
}

export interface ResolvedReference {
  readonly target: Target
  /** The export that is read; '': all of them. */
  readonly exported: string
}

/** The component that a path begins with, if there is one. */
export function resolve(path: readonly string[], targets: ReadonlyMap<string, Target>): ResolvedReference | undefined {
  for (let length = 1; length <= path.length; length++) {
    const target = targets.get(path.slice(0, length).join('.'))
    if (target !== undefined) return { target, exported: path[length] ?? '' }
  }
  return undefined
}

export const exportType = (kind: AnyKind, name: string): ExportType => kind.exportTypes?.[name] ?? 'any'

export const isReceiver = (type: ExportType): boolean => type === 'metrics' || type === 'logs'

/** All expressions of a block, those of blocks within it too. */
export function expressionsOf(block: Block): readonly Expression[] {
  return block.body.flatMap((statement: Attribute | Block) =>
    statement.kind === 'attribute' ? [statement.value] : expressionsOf(statement),
  )
}

/** What a block refers to; paths that lead nowhere are reported. `isName`: whether the library has a name. */
export function referencesIn(
  block: Block,
  targets: ReadonlyMap<string, Target>,
  isName: (name: string) => boolean,
  report: Report,
): readonly ResolvedReference[] {
  const found: ResolvedReference[] = []
  for (const named of expressionsOf(block).flatMap(referencesOf)) {
    const reference = resolve(named.path, targets)
    if (reference !== undefined) {
      found.push(reference)
      checkExport(named, reference, report)
      if (isName(named.path[0] as string)) {
        const span = { start: named.start, end: named.start + (named.path[0] as string).length }
        report('warning', span, 'a component is shadowing an existing stdlib name')
      }
    } else if (!isName(named.path[0] as string)) {
      report(
        'error',
        spanOfPath(named),
        `component "${named.path.join('.')}" does not exist or is out of scope`,
        hintFor(named, targets),
      )
    }
  }
  return found
}

const spanOfPath = ({ start, end }: NamePath): { start: number; end: number } => ({ start, end })

function checkExport(named: NamePath, { target, exported }: ResolvedReference, report: Report): void {
  if (exported === '' || target.kind === undefined || Object.hasOwn(target.kind.exports, exported)) return
  const known = Object.keys(target.kind.exports)
  report(
    'error',
    spanOfPath(named),
    `field "${exported}" does not exist`,
    hintOf(nearest(exported, known), known, 'exports'),
  )
}

function hintFor({ path }: NamePath, targets: ReadonlyMap<string, Target>): string {
  const exports = [...targets.values()].flatMap(({ id, kind }) =>
    Object.keys(kind?.exports ?? {}).map((name) => `${id}.${name}`),
  )
  const similar = nearest(path.join('.'), exports)
  if (similar !== undefined) return `did you mean \`${similar}\`?`
  return path.length === 1
    ? 'put a text in quotes'
    : exports.length === 0
      ? 'no component here exports anything'
      : 'declare it, or refer to a component that there is'
}
