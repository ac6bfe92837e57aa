// What the parts that read a file share: the document, the findings so far, and which stretches of the text are
// secret. Nothing is printed from the text before all secrets are known.

import type { ParsedNode } from 'yaml'
import type { Diagnostic } from './diagnostics.ts'
import { excerptOf, looksSecret } from './excerpt.ts'
import { type SourceFile, type Span, sourceFile } from './source-file.ts'
import { parseYaml, type YamlDocument } from './yaml-document.ts'

export interface YamlReader {
  readonly source: SourceFile
  readonly document: YamlDocument
  report(severity: Diagnostic['severity'], span: Span, message: string, hint?: string): void
  /** Keeps a stretch of the text, or a node and what it is an alias of, out of every excerpt. */
  secret(what: Span | ParsedNode): void
  /** The same if the text of the node looks as if it held a secret. */
  secretIfSuspect(node: ParsedNode): void
  /** Counts one step; false, and reported once, when aliases make the document larger than it can sensibly be. */
  step(at: Span): boolean
  /** What was reported, with excerpts. Further findings about the same text get theirs from `excerpt`. */
  diagnostics(): readonly Diagnostic[]
  excerpt(span: Span): Pick<Diagnostic, 'file' | 'line' | 'col' | 'span' | 'excerpt'>
}

export const spanOf = (node: ParsedNode): Span => ({
  start: node.range[0],
  end: Math.max(node.range[0], node.range[1]),
})

const maxSteps = 100_000

export function yamlReader(name: string, text: string): YamlReader {
  const source = sourceFile(name, text)
  const document = parseYaml(text)
  const found: { severity: Diagnostic['severity']; span: Span; message: string; hint?: string | undefined }[] = []
  const secrets: Span[] = []
  const broken = document.problems.some((problem) => problem.severity === 'error')
  let steps = 0

  const excerpt: YamlReader['excerpt'] = (span) => {
    const { file, line, col } = source.position(span)
    return { file, line, col, span, excerpt: excerptOf(source, span, secrets, broken) }
  }
  const report: YamlReader['report'] = (severity, span, message, hint) =>
    void found.push({ severity, span, message, hint })

  const secret: YamlReader['secret'] = (what) => {
    if ('start' in what) secrets.push(what)
    else {
      secrets.push(spanOf(what))
      const target = document.resolve(what)
      if (target !== undefined && target !== what) secrets.push(spanOf(target))
    }
  }

  return {
    source,
    document,
    report,
    secret,
    secretIfSuspect(node) {
      const { start, end } = spanOf(node)
      if (looksSecret(text.slice(start, end))) secret(node)
    },
    step(at) {
      if (++steps === maxSteps) report('error', at, 'aliases make the document too large')
      return steps < maxSteps
    },
    diagnostics: () =>
      found.map(({ severity, span, message, hint }) => ({
        severity,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...excerpt(span),
      })),
    excerpt,
  }
}
