// Diagnostics in the form that Alloy prints them in: severity, place and message, then the lines around the place with
// carets under it. A hint, which Alloy has none of, follows as a line of its own.

import type { Diagnostic } from '../../config/diagnostics.ts'
import { type SourceFile, type Span, sourceFile } from '../../config/source-file.ts'
import { carets, piecesOfLine, printable } from './excerpt-line.ts'

export interface PrintDiagnosticsOptions {
  /** Escape sequences as for a terminal; default false. */
  readonly color?: boolean
  /** By file: where values stand that must not be seen. */
  readonly secrets?: ReadonlyMap<string, readonly Span[]>
}

/** Of a range of more lines than this only its first and last are shown. */
const mostLines = 40

/**
 * `texts` by file name as in `Diagnostic.file`; of files that are not in it, and of diagnostics without a place, only
 * the message is printed. Ends with a line break; '' for no diagnostics. Places are as the diagnostics have them: lines
 * and columns in characters.
 */
export function printAlloyDiagnostics(
  texts: ReadonlyMap<string, string>,
  diagnostics: readonly Diagnostic[],
  { color = false, secrets }: PrintDiagnosticsOptions = {},
): string {
  const sources = new Map<string, SourceFile>()
  const sourceOf = (name: string, text: string): SourceFile => {
    const source = sources.get(name) ?? sourceFile(name, text)
    sources.set(name, source)
    return source
  }
  const print = (diagnostic: Diagnostic): string => {
    const { file, span, hint } = diagnostic
    const text = file === undefined ? undefined : texts.get(file)
    const range =
      file === undefined || text === undefined || span === undefined
        ? ''
        : `\n${rangeLines(sourceOf(file, text), span, secrets?.get(file) ?? []).join('\n')}\n`
    return `${header(diagnostic, color)}${range}${hint === undefined ? '' : `hint: ${printable(hint)}\n`}`
  }
  return diagnostics.map(print).join('\n')
}

function header({ severity, message, file, line, col, name }: Diagnostic, color: boolean): string {
  const kind = severity === 'warning' ? 'Warning: ' : 'Error: '
  const place = file === undefined ? name : line === undefined ? file : `${file}:${line}:${col}`
  const rest = `${printable(place === undefined ? message : `${place}: ${message}`)}\n`
  if (!color) return kind + rest
  return `\x1b[${severity === 'warning' ? 33 : 31};1m${kind}\x1b[0m\x1b[1m${rest}\x1b[0m`
}

/** A line and its number; no number stands for lines that are left out. */
interface Line {
  readonly number?: number
  readonly span: Span
}

function rangeLines(source: SourceFile, { start, end }: Span, secrets: readonly Span[]): readonly string[] {
  const span = { start, end: Math.max(end, start + 1) }
  const first = source.lineAt(start).number
  const last = source.lineAt(span.end - 1).number
  const isMultiline = last > first
  const shown = linesAround(source, first, last, span)
  const width = String(shown.at(-1)?.number).length
  const margin = ' '.repeat(width)
  return shown.flatMap(({ number, span: line }) => {
    if (number === undefined) return [`${margin} | | …`]
    const pieces = piecesOfLine(source.text, line, Math.max(start, line.start), secrets)
    const bar = !isMultiline ? '' : number > first && number <= last ? '| ' : '  '
    const text = `${String(number).padStart(width)} | ${bar}${pieces.map((piece) => piece.shown).join('')}`
    if (number !== first && number !== last) return [text]
    const corner = !isMultiline ? '' : number === first ? ' _' : '|_'
    return [text, `${margin} | ${corner}${carets(pieces, span, isMultiline ? '_' : ' ')}`]
  })
}

/** The lines of a range, one before and one after. */
function linesAround(source: SourceFile, first: number, last: number, span: Span): readonly Line[] {
  const lines: Line[] = []
  let at = source.lineAt(span.start).span.start
  if (at > 0) lines.push(source.lineAt(at - 1))
  for (;;) {
    const line = source.lineAt(at)
    lines.push(line)
    const next = source.text.indexOf('\n', at)
    if (line.number > last || next < 0) return lines
    at = next + 1
    if (line.number - first === mostLines / 2 && last - line.number > mostLines / 2) {
      lines.push({ span: line.span })
      at = source.lineAt(span.end - 1).span.start
    }
  }
}
