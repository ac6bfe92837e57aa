// What of a block is worth a judgement where the parser stumbled in it: attributes that it read without trouble. One
// missing brace would else be followed by a crowd of problems that nobody has.

import type { Span } from '../../config/source-file.ts'
import type { Block, Statement } from '../syntax/ast.ts'

/** The block without what is broken, and without components that a missing brace has put inside it. */
export function readable(block: Block, isBroken: (span: Span) => boolean): Block {
  const body = block.body.flatMap((statement): Statement[] => {
    if (statement.kind === 'attribute') return isBroken(statement) ? [] : [statement]
    const isComponent = statement.label !== undefined || statement.name.length > 1
    return isComponent ? [] : [readable(statement, isBroken)]
  })
  return { ...block, body }
}
