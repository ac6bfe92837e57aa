// An expression on one line, spaced as the printer spaces it: what messages call a value by.

import type { Expression } from './ast.ts'
import { goQuoted } from './go-quote.ts'

const maxDepth = 50

/** Below `maxDepth` levels, and after `maxLength` characters, it is cut with `…`. */
export function expressionText(expression: Expression): string {
  const text = write(expression, 0)
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}

const maxLength = 1000

function write(expression: Expression, depth: number): string {
  if (depth > maxDepth) return '…'
  const inner = (part: Expression): string => write(part, depth + 1)
  switch (expression.kind) {
    case 'literal':
      return expression.text
    case 'reference':
      return expression.name
    case 'array':
      return `[${list(expression.elements, inner)}]`
    case 'object':
      return `{${list(expression.fields, ({ key, isQuoted, value }) => {
        return `${isQuoted ? goQuoted(key.name) : key.name} = ${inner(value)}`
      })}}`
    case 'access':
      return `${inner(expression.of)}.${expression.name.name}`
    case 'index':
      return `${inner(expression.of)}[${inner(expression.index)}]`
    case 'call':
      return `${inner(expression.of)}(${list(expression.args, inner)})`
    case 'unary':
      return expression.operator + inner(expression.operand)
    case 'binary':
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`
    case 'parentheses':
      return `(${inner(expression.inner)})`
  }
}

/** Parts until they are more than anyone reads, so that a long list costs no more than a short one. */
function list<T>(parts: readonly T[], write: (part: T) => string): string {
  const texts: string[] = []
  let length = 0
  for (const part of parts) {
    if (length > maxLength) break
    const text = write(part)
    length += text.length
    texts.push(text)
  }
  return texts.join(', ')
}
