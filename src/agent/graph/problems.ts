// What is wrong with the files of a configuration, collected over the whole of a load. Secrets are known by their
// places only once all has been read, so lines are cut out at the end, and masked.

import type { Diagnostic } from '../../config/diagnostics.ts'
import { excerptOf, looksSecret } from '../../config/excerpt.ts'
import { type SourceFile, type Span, sourceFile } from '../../config/source-file.ts'
import { secretParameter } from '../../config/upstream-url.ts'
import type { Report } from './component.ts'
import type { Source } from './graph-options.ts'

interface FileNotes {
  readonly source: SourceFile
  readonly found: Diagnostic[]
  readonly secrets: Span[]
  readonly syntax: Span[]
}

export class Problems {
  readonly #files: ReadonlyMap<string, FileNotes>
  /** Of components that have errors: the first one. */
  readonly failed = new Map<string, string>()

  constructor(sources: readonly Source[]) {
    this.#files = new Map(
      sources.map(({ name, text }) => [name, { source: sourceFile(name, text), found: [], secrets: [], syntax: [] }]),
    )
  }

  get hasErrors(): boolean {
    return [...this.#files.values()].some(({ found }) => found.some(({ severity }) => severity === 'error'))
  }

  /** Takes what the parser found. What looks like a secret in a file that it can't read is masked. */
  addSyntax(name: string, found: readonly Diagnostic[]): void {
    const notes = this.#notes(name)
    notes.found.push(...found)
    if (found.length > 0) notes.secrets.push(...suspects(notes.source.text))
    for (const { span } of found) if (span !== undefined) notes.syntax.push(span)
  }

  /** Reports into a file; errors are held against the component `id`. */
  reporter(name: string, id?: string): Report {
    return (severity, span, message, hint) => {
      const { source, found } = this.#notes(name)
      if (severity === 'error' && id !== undefined && !this.failed.has(id)) this.failed.set(id, message)
      const { file, line, col } = source.position(span)
      found.push({ severity, message, file, line, col, span, ...(hint === undefined ? {} : { hint }) })
    }
  }

  /** Whether the parser stumbled within a span, or on the line that it ends on. */
  isBroken(name: string, { start, end }: Span): boolean {
    const { source, syntax } = this.#notes(name)
    return syntax.some((span) => span.start >= start && span.start <= source.lineAt(end).span.end)
  }

  /** The texts of files that the parser could not read in full. */
  brokenTexts(): readonly string[] {
    return [...this.#files.values()].flatMap(({ source, syntax }) => (syntax.length > 0 ? [source.text] : []))
  }

  secret(name: string, span: Span): void {
    this.#notes(name).secrets.push(span)
  }

  /** `main.alloy:2:1` */
  place(name: string, span: Span): string {
    const { file, line, col } = this.#notes(name).source.position(span)
    return `${file}:${line}:${col}`
  }

  /** By file and place, each once, with the line it stands in. */
  diagnostics(): readonly Diagnostic[] {
    return [...this.#files.values()].flatMap(({ source, found, secrets }) => {
      const seen = new Set<string>()
      return found
        .filter(({ span, message }) => {
          const key = `${span?.start} ${message}`
          return !seen.has(key) && seen.add(key)
        })
        .map((diagnostic) => {
          const { span } = diagnostic
          return span === undefined ? diagnostic : { ...diagnostic, excerpt: excerptOf(source, span, secrets) }
        })
        .sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0))
    })
  }

  /** The files' texts with asterisks for secrets: all else keeps its place. */
  texts(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#files].map(([name, { source, secrets }]) => [
        name,
        masked(source.text, [...secrets, ...passwords(source.text)]),
      ]),
    )
  }

  #notes(name: string): FileNotes {
    const notes = this.#files.get(name)
    if (notes === undefined) throw new Error(`no file ${name} in this configuration`)
    return notes
  }
}

const userPassword = /((?:\/\/|["'`])[^\s/:@"']*:)[^\s"']*(?=@)/g

/** What is secret in URLs. */
const passwords = (text: string): readonly Span[] =>
  [userPassword, secretParameter]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(({ index, 0: all, 1: before = '' }) => ({ start: index + before.length, end: index + all.length }))

/** The rest of each line that begins with a name like a secret's, and all that stands in braces after one like headers'. */
const suspects = (text: string): readonly Span[] =>
  [/^([ \t]*["']?(\w+)["']?[ \t]*=[ \t]*).+$/gm, /\b((\w*(?:headers?|params))[ \t]*=[ \t]*\{)[^}]*/gi]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .flatMap(({ index, 0: all, 1: before = '', 2: name = '' }) =>
      looksSecret(name) || before.endsWith('{') ? [{ start: index + before.length, end: index + all.length }] : [],
    )

function masked(text: string, secrets: readonly Span[]): string {
  let shown = text
  for (const { start, end } of secrets) {
    shown = shown.slice(0, start) + shown.slice(start, end).replace(/[^\r\n]/g, '*') + shown.slice(end)
  }
  return shown
}
