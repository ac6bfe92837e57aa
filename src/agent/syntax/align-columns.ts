// Elastic columns: cells that stand under one another get one width, line by line as long as each line has that cell.
// It lays text out as Go's text/tabwriter does for gofmt and `alloy fmt`: leading empty cells become tabs, the rest is
// padded with blanks, and no line ends in blanks that nobody wrote.

interface Cell {
  text: string
  /** Length up to the end of what was written as text; what follows are blanks. */
  solid: number
  /** In characters, with what is behind it; 0: the last of its line. */
  width: number
}

const tabWidth = 8

export class Columns {
  /** Line breaks so far, those inside texts too. */
  breaks = 0
  isLineEmpty = true
  #done = ''
  #lines: Cell[][] = []
  #line: Cell[] = [emptyCell()]

  /** Kept to the letter, line breaks inside a comment too. */
  text(text: string): void {
    const cell = this.#line.at(-1) as Cell
    cell.text += text
    cell.solid = cell.text.length
    this.isLineEmpty = false
    this.breaks += countOf(text, '\n')
  }

  blank(): void {
    const cell = this.#line.at(-1) as Cell
    cell.text += ' '
    this.isLineEmpty = false
  }

  endCell(): void {
    this.#line.push(emptyCell())
    this.isLineEmpty = false
  }

  /** With `isLast` no column goes on below this line. */
  endLine(isLast: boolean): void {
    this.#lines.push(this.#line)
    this.#line = [emptyCell()]
    this.isLineEmpty = true
    this.breaks++
    if (isLast) this.#layOut()
  }

  /** Everything, without the last line's end. */
  finish(): string {
    this.#lines.push(this.#line)
    this.#layOut()
    return this.#done.slice(0, -1)
  }

  #layOut(): void {
    const lines = this.#lines
    this.#lines = []
    setWidths(lines, 0)
    for (const line of lines) this.#done += `${lineText(line)}\n`
  }
}

const emptyCell = (): Cell => ({ text: '', solid: 0, width: 0 })

function countOf(text: string, char: string): number {
  let count = 0
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++
  return count
}

/** Of lines that agree in all columns before this one. The last cell of a line belongs to no column. */
function setWidths(lines: readonly Cell[][], column: number): void {
  for (let from = 0; from < lines.length; from++) {
    let to = from
    let width = 0
    for (; to < lines.length && column < (lines[to] as Cell[]).length - 1; to++) {
      width = Math.max(width, Array.from(lines[to]?.[column]?.text ?? '').length + 1)
    }
    if (to === from) continue
    const run = lines.slice(from, to)
    for (const line of run) (line[column] as Cell).width = width
    setWidths(run, column + 1)
    from = to
  }
}

function lineText(cells: readonly Cell[]): string {
  const last = cells.findLastIndex((cell) => cell.solid > 0)
  let text = ''
  for (let i = 0; i <= last; i++) {
    const cell = cells[i] as Cell
    if (i === last) text += cell.text.slice(0, cell.solid)
    else if (cell.text === '' && text.trimStart() === '') text += '\t'.repeat(Math.ceil(cell.width / tabWidth))
    else text += cell.text + ' '.repeat(cell.width - Array.from(cell.text).length)
  }
  return text
}
