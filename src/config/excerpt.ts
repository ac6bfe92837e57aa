// The source line under a diagnostic, with carets. Secrets in the line are masked before anybody sees it, control
// characters can't reach a terminal, and a long line is cut around the carets.

import { characters, type SourceFile, type Span } from './source-file.ts'
import { secretParameter } from './upstream-url.ts'

export interface Excerpt {
  readonly text: string
  /** Characters before the first caret. */
  readonly caretStart: number
  /** At least 1. */
  readonly caretLength: number
}

const mask = '<secret>'
const widest = 160
const kept = 60

interface Piece extends Span {
  readonly shown: string
}

/** Cuts a line into pieces that are shown as they are and pieces that are masked. */
function piecesOf(text: string, line: Span, secrets: readonly Span[]): readonly Piece[] {
  const inLine = secrets
    .filter((secret) => secret.start < line.end && secret.end > line.start && secret.end > secret.start)
    .map((secret) => ({ start: Math.max(secret.start, line.start), end: Math.min(secret.end, line.end) }))
    .sort((a, b) => a.start - b.start)
  const pieces: Piece[] = []
  let at = line.start
  for (const secret of inLine) {
    if (secret.end <= at) continue
    if (secret.start > at) pieces.push({ start: at, end: secret.start, shown: text.slice(at, secret.start) })
    if (secret.start >= at) pieces.push({ ...secret, shown: mask })
    at = secret.end
  }
  if (at < line.end) pieces.push({ start: at, end: line.end, shown: text.slice(at, line.end) })
  return pieces
}

/** Where an offset of the file is in what is shown; inside a mask it is the mask's start, or its end. */
function shownOffset(pieces: readonly Piece[], offset: number, side: 'start' | 'end'): number {
  let shown = 0
  for (const piece of pieces) {
    if (offset <= piece.start) break
    if (offset >= piece.end) shown += piece.shown.length
    else if (piece.shown === mask) return side === 'start' ? shown : shown + mask.length
    else return shown + offset - piece.start
  }
  return shown
}

const secretNames = 'pass|pwd|secret|token|credential|authorization|api[-_]?key|cookie|bearer'
/** A name that announces a secret, with the quote and colon after it. */
const announced = new RegExp(`(?:${secretNames})[\\w-]*["']?\\s*:\\s*`, 'i')
/** Of a URL, its scheme forgotten or not. */
const urlPassword = /(?:\/\/|["'`])[^\s/:@"']*:([^\s"']*)@/g

/** Whether a text names anything that is usually secret. */
export const looksSecret = (text: string): boolean => new RegExp(secretNames, 'i').test(text)

function suspects(source: SourceFile, line: Span, wary: boolean): readonly Span[] {
  const text = source.text.slice(line.start, line.end)
  const found: Span[] = []
  for (const match of text.matchAll(urlPassword)) {
    const end = line.start + match.index + match[0].length - 1
    found.push({ start: end - (match[1] as string).length, end })
  }
  for (const { index, 0: all, 1: before = '' } of text.matchAll(secretParameter)) {
    found.push({ start: line.start + index + before.length, end: line.start + index + all.length })
  }
  if (!wary) return found
  const name = announced.exec(text)
  if (name !== null) found.push({ start: line.start + name.index + name[0].length, end: line.end })
  if (isBelowSecret(source, line)) found.push(line)
  return found
}

const indentOf = (text: string): number => text.search(/[^ ]|$/)

/** Whether one of the lines that this one is indented under announces a secret, or headers. */
function isBelowSecret(source: SourceFile, line: Span): boolean {
  let indent = indentOf(source.text.slice(line.start, line.end))
  let at = line.start - 1
  for (let lines = 0; at >= 0 && indent > 0 && lines < 200; lines++) {
    const above = source.lineAt(at).span
    const text = source.text.slice(above.start, above.end)
    if (text.trim() !== '' && indentOf(text) < indent) {
      if (announced.test(text) || /headers["']?\s*:/i.test(text)) return true
      indent = indentOf(text)
    }
    at = above.start - 1
  }
  return false
}

/**
 * The first line of `span`, with carets under the part of the span that is in it. `secrets` are known by their place.
 * With `wary` (the text is no YAML, so that places mean little) what only looks like one, by the name before or above
 * it, is masked too.
 */
export function excerptOf(source: SourceFile, span: Span, secrets: readonly Span[], wary = false): Excerpt {
  const line = source.lineAt(span.start).span
  const pieces = piecesOf(source.text, line, [...secrets, ...suspects(source, line, wary)])
  const shown = pieces
    .map((piece) => piece.shown)
    .join('')
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '�')
  const start = shownOffset(pieces, span.start, 'start')
  const end = Math.max(start, shownOffset(pieces, Math.min(span.end, line.end), 'end'))
  let text = shown
  let caretStart = characters(shown.slice(0, start))
  let caretLength = Math.max(1, characters(shown.slice(start, end)))
  const points = Array.from(text)
  if (points.length > widest) {
    const from = Math.max(0, caretStart - kept)
    const to = Math.min(points.length, from + widest)
    text = `${from > 0 ? '…' : ''}${points.slice(from, to).join('')}${to < points.length ? '…' : ''}`
    caretLength = Math.max(1, Math.min(caretLength, to - caretStart))
    caretStart -= from - (from > 0 ? 1 : 0)
  }
  return { text, caretStart, caretLength }
}
