// Which components and root blocks the files of a configuration declare. What can't be one is reported by name and
// place; it still counts as declared, so that what refers to it isn't blamed as well.

import { nearest } from '../../config/nearest.ts'
import type { Span } from '../../config/source-file.ts'
import type { Block, File } from '../syntax/ast.ts'
import { alloyComponents, unsupportedRootBlocks } from './alloy-names.ts'
import type { AnyKind, Stability } from './component.ts'
import { hideSuspects, hintOf } from './decode-block.ts'
import { spanOf } from './placed.ts'
import type { Problems } from './problems.ts'
import { readable } from './readable.ts'
import { literalTexts } from './secret-spans.ts'

export interface Declared {
  /** `prometheus.remote_write.mimir`; `logging`. */
  readonly id: string
  readonly block: Block
  readonly file: File
  /** undefined: there is none of this name. */
  readonly kind: AnyKind | undefined
  readonly isRoot: boolean
  /** Another one has this id already; it is checked, and takes no part in anything else. */
  readonly isRepeated: boolean
  /** There are syntax errors in it: only what could be read of it is in `block`. */
  readonly isBroken: boolean
}

export interface Registry {
  /** By name. */
  readonly components: ReadonlyMap<string, AnyKind>
  readonly roots: ReadonlyMap<string, AnyKind>
  readonly stability: Stability
}

const levels: readonly Stability[] = ['experimental', 'public-preview', 'generally-available']

/** In the order of the files and of their text. */
export function findDeclared(files: readonly File[], registry: Registry, problems: Problems): readonly Declared[] {
  const first = new Map<string, string>()
  const found: Declared[] = []
  for (const file of files) {
    for (const statement of file.body) {
      if (statement.kind === 'attribute') {
        const message = `unrecognized attribute ${statement.name.name}`
        problems.reporter(file.name)('error', spanOf(statement.name), message, 'attributes stand within blocks only')
        for (const span of literalTexts(statement.value)) problems.secret(file.name, span)
        continue
      }
      const name = statement.name.join('.')
      const id = [...statement.name, ...(statement.label === undefined ? [] : [statement.label])].join('.')
      const before = first.get(id)
      if (before === undefined) first.set(id, problems.place(file.name, spanOf(statement)))
      else {
        const { start } = statement.nameSpan
        const span = { start, end: start + id.length }
        const message = `block ${id} already declared at ${before}`
        problems.reporter(file.name, id)('error', span, message, 'give it another label, or take one of them out')
      }
      const isRoot = registry.roots.has(name)
      const kind = isRoot ? registry.roots.get(name) : kindOf(statement, name, file, registry, problems)
      const isBrokenAt = (span: Span): boolean => problems.isBroken(file.name, span)
      const isBroken = isBrokenAt(statement)
      const block = isBroken ? readable(statement, isBrokenAt) : statement
      if (!isBroken) checkLabel(statement, name, isRoot, kind !== undefined, file, problems)
      if (kind === undefined || isBroken) {
        hideSuspects(statement, (value) => {
          for (const span of literalTexts(value)) problems.secret(file.name, span)
        })
      }
      found.push({ id, block, file, kind, isRoot, isRepeated: before !== undefined, isBroken })
    }
  }
  return found
}

function kindOf(block: Block, name: string, file: File, registry: Registry, problems: Problems): AnyKind | undefined {
  const report = problems.reporter(file.name)
  const kind = registry.components.get(name)
  if (kind !== undefined) {
    if (levels.indexOf(kind.stability) >= levels.indexOf(registry.stability)) return kind
    const message = `component "${name}" is at stability level "${kind.stability}", which is below the minimum allowed stability level "${registry.stability}"`
    report(
      'error',
      block.nameSpan,
      message,
      `Use --stability.level command-line flag to enable "${kind.stability}" features`,
    )
    return kind
  }
  const instead = unsupportedRootBlocks.get(name)
  if (instead !== undefined) {
    report('error', block.nameSpan, `block "${name}" is not supported yet`, instead)
    return undefined
  }
  const known = [...registry.components.keys()]
  const hint = alloyComponents.has(name)
    ? `Alloy has it, Sluice not yet; \`sluice validate --coverage\` lists what there is`
    : hintOf(nearest(name, [...known, ...registry.roots.keys()]), known, 'components')
  report('error', block.nameSpan, `cannot find the definition of component name "${name}"`, hint)
  return undefined
}

function checkLabel(
  block: Block,
  name: string,
  isRoot: boolean,
  isKnown: boolean,
  file: File,
  problems: Problems,
): void {
  const report = problems.reporter(file.name)
  if (isRoot && block.label !== undefined) {
    const span = { start: block.start, end: block.open + 1 }
    report('error', span, `block "${name}" does not support specifying labels`, `write ${name} {`)
  }
  if (!isRoot && isKnown && block.label === undefined) {
    report('error', block.nameSpan, `component "${name}" must have a label`, `write ${name} "NAME" {`)
  }
}
