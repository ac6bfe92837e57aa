// Which names an expression reads: what the graph draws its edges from.

import type { Span } from '../../config/source-file.ts'
import type { Access, Expression, Reference } from './ast.ts'

/** An unbroken chain of fields from a name: `a.b.c[0].d` refers to `a.b.c`. */
export interface NamePath extends Span {
  /** `['prometheus', 'relabel', 'x', 'receiver']` */
  readonly path: readonly string[]
}

/** All of them, in the order in which they stand in the text. Any depth of nesting will do. */
export function referencesOf(expression: Expression): readonly NamePath[] {
  const found: NamePath[] = []
  const open: Expression[] = [expression]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'reference' || next.kind === 'access') {
      const names: string[] = []
      let head: Expression = next
      for (; head.kind === 'access'; head = head.of) names.push(head.name.name)
      if (head.kind === 'reference') found.push(pathFrom(next, head, names))
      else open.push(head)
    } else {
      open.push(...partsOf(next).reverse())
    }
  }
  return found
}

const pathFrom = ({ start, end }: Reference | Access, head: Reference, fields: readonly string[]): NamePath => ({
  start,
  end,
  path: [head.name, ...fields.toReversed()],
})

/** The expressions directly within one, in the order of the text. */
function partsOf(expression: Exclude<Expression, Reference | Access>): Expression[] {
  switch (expression.kind) {
    case 'literal':
      return []
    case 'array':
      return [...expression.elements]
    case 'object':
      return expression.fields.map(({ value }) => value)
    case 'index':
      return [expression.of, expression.index]
    case 'call':
      return [expression.of, ...expression.args]
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'parentheses':
      return [expression.inner]
  }
}
