// All that can be known of a configuration before anything runs: `validate` prints it, and a load begins with it. Every
// problem is found in one go; a plan comes out only if there is none.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { Block, File } from '../syntax/ast.ts'
import { parseFile } from '../syntax/parse.ts'
import type { Scope } from '../syntax/scope.ts'
import { defaultLibrary } from '../syntax/stdlib/library.ts'
import { exportType, isReceiver, type Names, referencesIn, type Target } from './block-references.ts'
import type { AnyKind } from './component.ts'
import { type Declared, findDeclared, type Registry } from './declared.ts'
import { type DecodeContext, decodeBlock } from './decode-block.ts'
import type { CheckOptions, Source } from './graph-options.ts'
import { components } from './order.ts'
import { Problems } from './problems.ts'
import { review } from './review.ts'
import { httpKind } from './root/http.ts'
import { loggingKind } from './root/logging.ts'
import { staticScope } from './static-scope.ts'

export interface PlannedNode {
  readonly id: string
  readonly kind: AnyKind
  readonly block: Block
  readonly file: File
  readonly isRoot: boolean
  /** Ids that its block refers to. */
  readonly refersTo: ReadonlySet<string>
  /** Of these, those whose receivers it has: it sends data to them. */
  readonly sendsTo: ReadonlySet<string>
}

export interface Checked {
  /** What was found; a load adds to it. */
  readonly problems: Problems
  /** What is referred to stands before what refers to it. undefined: there are errors. */
  readonly plan: readonly PlannedNode[] | undefined
}

export interface CheckResult {
  /** By file and place. */
  readonly diagnostics: readonly Diagnostic[]
  /** The files' texts with secrets replaced, to print lines from. */
  readonly texts: ReadonlyMap<string, string>
}

/** Checks a configuration, all files as one, and builds nothing. */
export function checkSources(sources: readonly Source[], options: CheckOptions): CheckResult {
  const nothing = (): void => undefined
  const { problems } = check(sources, options, [loggingKind(nothing), httpKind(nothing)])
  return { diagnostics: problems.diagnostics(), texts: problems.texts() }
}

/** `roots`: kinds of the root blocks. */
export function check(sources: readonly Source[], options: CheckOptions, roots: readonly AnyKind[]): Checked {
  const problems = new Problems(sources)
  const registry: Registry = {
    components: new Map(options.kinds.map((kind) => [kind.name, kind])),
    roots: new Map(roots.map((kind) => [kind.name, kind])),
    stability: options.stability ?? 'generally-available',
  }
  const files = sources.map(({ name, text }) => {
    const { file, diagnostics } = parseFile(name, text)
    problems.addSyntax(name, diagnostics)
    return file
  })
  const declared = findDeclared(files, registry, problems)
  const edges = connect(declared, problems)
  reportCycles(declared, edges, problems)
  checkArguments(declared, options, registry, problems)
  review(declared, targetsOf(declared), (id) => edges.get(id)?.sendsTo ?? new Set(), problems)
  return { problems, plan: problems.hasErrors ? undefined : planOf(declared, edges, registry) }
}

/** References whose like is looked for: with thousands of names each look takes its time. */
const maxHints = 50

const isName = (name: string): boolean => defaultLibrary().has(name)

interface Edge {
  readonly refersTo: Set<string>
  readonly sendsTo: Set<string>
}

const targetsOf = (declared: readonly Declared[]): ReadonlyMap<string, Target> =>
  new Map(
    declared
      .filter(({ isRoot, isRepeated, block }) => !isRoot && !isRepeated && block.label !== undefined)
      .map((node) => [node.id, node]),
  )

/** Ids → edges, in order; what leads nowhere is reported. */
function connect(declared: readonly Declared[], problems: Problems): ReadonlyMap<string, Edge> {
  const targets = targetsOf(declared)
  const edges = new Map<string, Edge>()
  const names: Names = { targets, isName, unread: problems.brokenTexts(), hintsLeft: maxHints }
  for (const { id, block, file, isRepeated } of declared) {
    const edge: Edge = { refersTo: new Set(), sendsTo: new Set() }
    if (!isRepeated) edges.set(id, edge)
    for (const { target, exported } of referencesIn(block, names, problems.reporter(file.name, id))) {
      edge.refersTo.add(target.id)
      if (target.kind !== undefined && isReceiver(exportType(target.kind, exported))) edge.sendsTo.add(target.id)
    }
  }
  return edges
}

function reportCycles(declared: readonly Declared[], edges: ReadonlyMap<string, Edge>, problems: Problems): void {
  const blocks = new Map(declared.filter(({ isRepeated }) => !isRepeated).map((node) => [node.id, node]))
  const report = (id: string, message: string, hint: string): void => {
    const { block, file } = blocks.get(id) as Declared
    problems.reporter(file.name, id)('error', { start: block.start, end: block.open + 1 }, message, hint)
  }
  for (const group of components(refersTo(edges))) {
    const ids = [...group].sort()
    if (ids.length < 2) continue
    for (const id of ids) report(id, `cycle detected: ${ids.join(', ')}`, 'one of them may not refer to the next')
  }
  for (const [id, edge] of edges) {
    if (edge.refersTo.has(id)) report(id, 'cannot reference self', 'refer to another component')
  }
}

const refersTo = (edges: ReadonlyMap<string, Edge>): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map([...edges].map(([id, edge]) => [id, edge.refersTo]))

/** Decodes every block as far as it can be known, and settles those that are known as a whole. */
function checkArguments(
  declared: readonly Declared[],
  options: CheckOptions,
  registry: Registry,
  problems: Problems,
): void {
  const { scope: known, isKnown } = staticScope(targetsOf(declared), isName, options.isElsewhere === true)
  for (const { id, block, file, kind, isBroken } of declared) {
    if (kind === undefined) continue
    const report = problems.reporter(file.name, id)
    const scope: Scope = {
      ...known,
      stability: registry.stability,
      warn: (span, message, hint) => report('warning', span, message, hint),
    }
    const secret = (span: { start: number; end: number }): void => problems.secret(file.name, span)
    const context: DecodeContext = { scope, isKnown, report, secret }
    const { sound, isWhole } = decodeBlock(block, kind.schema, {
      ...context,
      ...(isBroken ? { isBroken: (part) => problems.isBroken(file.name, part) } : {}),
    })
    if (sound !== undefined && isWhole) kind.settle(sound, report, registry)
  }
}

function planOf(
  declared: readonly Declared[],
  edges: ReadonlyMap<string, Edge>,
  registry: Registry,
): readonly PlannedNode[] {
  const absent = [...registry.roots.values()].filter(({ name }) => declared.every(({ id }) => id !== name))
  const nodes = new Map(
    declared.map(({ id, kind, block, file, isRoot }) => [
      id,
      { id, kind: kind as AnyKind, block, file, isRoot, ...(edges.get(id) as Edge) },
    ]),
  )
  const order = components(refersTo(edges)).map(([id]) => nodes.get(id as string) as PlannedNode)
  return [...absent.map(emptyRoot), ...order]
}

/** A root block that no file has. */
function emptyRoot(kind: AnyKind): PlannedNode {
  const nowhere = { start: 0, end: 0 }
  return {
    id: kind.name,
    kind,
    block: {
      kind: 'block',
      name: [kind.name],
      nameSpan: nowhere,
      label: undefined,
      labelSpan: undefined,
      body: [],
      open: 0,
      close: 0,
      ...nowhere,
    },
    file: { name: '', text: '', body: [], comments: [] },
    isRoot: true,
    refersTo: new Set(),
    sendsTo: new Set(),
  }
}
