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
  /** It could not be read in full, perhaps not even its label. */
  readonly isBroken: boolean
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

/** What references are held against. */
export interface Names {
  readonly targets: ReadonlyMap<string, Target>
  /** Whether the library has a name. */
  readonly isName: (name: string) => boolean
  /** Texts of files in which declarations may have gone unread. */
  readonly unread: readonly string[]
  /** References that are told what they may have meant; counts down. */
  hintsLeft: number
}

/** What a block refers to; paths that lead nowhere are reported. */
export function referencesIn(block: Block, names: Names, report: Report): readonly ResolvedReference[] {
  const { targets, isName } = names
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
    } else if (!isName(named.path[0] as string) && !mayBeUnread(named, names)) {
      report(
        'error',
        spanOfPath(named),
        `component "${named.path.join('.')}" does not exist or is out of scope`,
        hintFor(named, names, [...block.name, block.label].join('.')),
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

/** Whether a file that was not read in full has what looks like the declaration. */
const mayBeUnread = ({ path }: NamePath, { unread }: Names): boolean =>
  unread.some((text) =>
    path.some((label, index) => {
      const name = path.slice(0, index).join('\\.')
      return index > 0 && new RegExp(`(?<![\\w.])${name}\\s+"?${label}(?!\\w)`).test(text)
    }),
  )

/** `own`: id of the block that refers. */
function hintFor({ path }: NamePath, names: Names, own: string): string {
  if (path.length === 1) return 'put a text in quotes'
  const exports = [...names.targets.values()].flatMap(({ id, kind, isBroken }) =>
    Object.keys((!isBroken && id !== own && kind?.exports) || {}).map((name) => `${id}.${name}`),
  )
  const similar = names.hintsLeft-- > 0 ? nearest(path.join('.'), exports) : undefined
  if (similar !== undefined) return `did you mean \`${similar}\`?`
  return 'declare it, or refer to a component that there is'
}
