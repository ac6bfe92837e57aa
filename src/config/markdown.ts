// The few pieces of Markdown that the pages made from tables consist of.

export const code = (text: string): string => `\`${text}\``

/** A table without a line break at its end; `|` in cells is escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
