// The text of a configuration file with the means to say where in it something is.

/** Half-open range of UTF-16 offsets. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Position {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters (code points). */
  readonly col: number
  readonly span: Span
}

export interface SourceFile {
  readonly name: string
  readonly text: string
  /** The line (without its end) that holds an offset. */
  lineAt(offset: number): { readonly number: number; readonly span: Span }
  position(span: Span): Position
}

export const characters = (text: string): number => Array.from(text).length

export function sourceFile(name: string, text: string): SourceFile {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)

  const lineAt: SourceFile['lineAt'] = (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    const start = starts[low] as number
    let end = low + 1 < starts.length ? (starts[low + 1] as number) - 1 : text.length
    if (end > start && text[end - 1] === '\r') end--
    return { number: low + 1, span: { start, end } }
  }

  return {
    name,
    text,
    lineAt,
    position(span) {
      const line = lineAt(span.start)
      return { file: name, line: line.number, col: characters(text.slice(line.span.start, span.start)) + 1, span }
    },
  }
}
