// Blocks that are made, not read: attributes with the text of their values, as a file in Alloy's one form.

import { parseFile } from '../syntax/parse.ts'
import { printFile } from '../syntax/print.ts'

export interface MadeBlock {
  /** `prometheus.remote_write`, and its label. */
  readonly name: string
  readonly label?: string
  /** Lines of a comment before it. */
  readonly comment?: readonly string[]
  /** Attribute → the text of its expression. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly blocks?: readonly MadeBlock[]
}

/** The text of a configuration with these blocks, formatted. Throws where a name or an expression is none. */
export function fileText(blocks: readonly MadeBlock[]): string {
  const { file, diagnostics } = parseFile('converted', blocks.map(blockText).join('\n\n'))
  if (diagnostics.length > 0) throw new Error(`a conversion is no configuration: ${diagnostics[0]?.message}`)
  return printFile(file)
}

function blockText({ name, label, comment = [], attributes = {}, blocks = [] }: MadeBlock): string {
  const lines = [
    ...Object.entries(attributes).map(([attribute, text]) => `${attribute} = ${text}`),
    ...blocks.map((block) => `\n${blockText(block)}`),
  ]
  const head = [...comment.map((line) => `// ${line}\n`), name, label === undefined ? '' : ` "${label}"`].join('')
  return lines.length === 0 ? `${head} { }` : `${head} {\n${lines.join('\n')}\n}`
}

/**
 * Blocks from rows with dotted paths: `basic_auth.username` is an attribute of a block. A text of undefined makes the
 * block that it would stand in and no attribute.
 */
export function blockOfTexts(
  name: string,
  rows: ReadonlyMap<string, string | undefined>,
  more: readonly MadeBlock[] = [],
): MadeBlock {
  const attributes: Record<string, string> = {}
  const groups = new Map<string, Map<string, string | undefined>>()
  for (const [path, text] of rows) {
    const dot = path.indexOf('.')
    if (dot >= 0) {
      const group = groups.get(path.slice(0, dot)) ?? new Map<string, string | undefined>()
      groups.set(path.slice(0, dot), group.set(path.slice(dot + 1), text))
    } else if (text !== undefined) attributes[path] = text
  }
  return { name, attributes, blocks: [...[...groups].map(([group, inside]) => blockOfTexts(group, inside)), ...more] }
}
