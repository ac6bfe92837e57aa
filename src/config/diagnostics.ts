// What is wrong with a configuration, as values: where, what, and what to do. A diagnostic carries everything that
// is printed of it, already without secrets, so it can go to a terminal, a log and an answer alike.

import type { Excerpt } from './excerpt.ts'
import type { Span } from './source-file.ts'

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
  readonly file?: string
  /** From 1. */
  readonly line?: number
  /** From 1, in characters. */
  readonly col?: number
  readonly span?: Span
  readonly excerpt?: Excerpt
  /** The variable (`CT_TIMEOUT`) or flag (`--timeout`) at fault. */
  readonly name?: string
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error')

/** A name or value from outside as it may stand in a message: in quotes, escaped, not endless. */
export function quoted(text: string): string {
  return JSON.stringify(short(text)).replace(/[\x7f-\x9f]/g, '�')
}

/** The same without quotes, where another program's text is kept to the letter. */
export const printable = (text: string): string => short(text).replace(/[\0-\x1f\x7f-\x9f]/g, '�')

function short(text: string): string {
  const points = Array.from(text)
  return points.length > 60 ? `${points.slice(0, 57).join('')}...` : text
}

/** The diagnostic for a file that could not be read at all. */
export const unreadableFile = (file: string, reason: string): Diagnostic => ({
  severity: 'error',
  file,
  message: `the file cannot be read: ${reason}`,
  hint: 'check the path and the permissions of the file',
})

/** One diagnostic over several lines: place and message, source line, carets, hint. */
export function printDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, col, name, severity, message, excerpt, hint } = diagnostic
  const place = file === undefined ? name : line === undefined ? file : `${file}:${line}:${col}`
  const lines = [`${place === undefined ? '' : `${place}: `}${severity === 'warning' ? 'warning: ' : ''}${message}`]
  if (excerpt !== undefined) {
    const before = Array.from(excerpt.text).slice(0, excerpt.caretStart)
    const indent = before.map((char) => (char === '\t' ? '\t' : ' ')).join('')
    lines.push(`  ${excerpt.text}`, `  ${indent}${'^'.repeat(excerpt.caretLength)}`)
  }
  if (hint !== undefined) lines.push(`  hint: ${hint}`)
  return lines.join('\n')
}

/** All of them, files first and from top to bottom; ends without a line break, '' for none. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(printDiagnostic).join('\n')
}

/** Files by position, then variables and flags as they came; the same finding only once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics
    .filter((diagnostic) => {
      const key = [diagnostic.file, diagnostic.span?.start, diagnostic.name, diagnostic.message].join('\0')
      return !seen.has(key) && seen.add(key)
    })
    .map((diagnostic, index) => ({ diagnostic, index }))
    .sort((a, b) => rank(a.diagnostic) - rank(b.diagnostic) || a.index - b.index)
    .map(({ diagnostic }) => diagnostic)
}

const rank = (diagnostic: Diagnostic): number =>
  diagnostic.file === undefined ? Number.MAX_SAFE_INTEGER : (diagnostic.span?.start ?? 0)
