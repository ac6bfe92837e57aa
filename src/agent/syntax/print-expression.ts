// Expressions as `alloy fmt` writes them: what stood on a line of its own in the source keeps it, and gets a comma.

import type { ArrayExpression, Call, Expression, Identifier, ObjectExpression, ObjectField } from './ast.ts'
import type { PrintWriter } from './print-writer.ts'

export function printExpression(out: PrintWriter, expression: Expression): void {
  const print = (inner: Expression): void => printExpression(out, inner)
  switch (expression.kind) {
    case 'literal':
      out.token(expression.text, expression.start)
      break
    case 'reference':
      out.token(expression.name, expression.start)
      break
    case 'array':
      printArray(out, expression)
      break
    case 'object':
      printObject(out, expression)
      break
    case 'call':
      printCall(out, expression)
      break
    case 'access':
      print(expression.of)
      // `1.` would be a number.
      if (expression.of.kind === 'literal' && expression.of.type === 'number') out.space('blank')
      out.sign('.')
      out.token(expression.name.name, expression.name.start)
      break
    case 'index':
      print(expression.of)
      out.sign('[')
      print(expression.index)
      out.token(']', expression.end - 1)
      break
    case 'unary':
      out.token(expression.operator, expression.start)
      print(expression.operand)
      break
    case 'binary':
      print(expression.left)
      out.space('blank')
      out.token(expression.operator, expression.operatorAt)
      out.space('blank')
      print(expression.right)
      break
    case 'parentheses':
      out.token('(', expression.start)
      print(expression.inner)
      out.token(')', expression.end - 1)
  }
}

function printArray(out: PrintWriter, { elements, start, end }: ArrayExpression): void {
  out.token('[', start)
  let line = out.lineOf(start)
  elements.forEach((element, i) => {
    // Indented before the line breaks, so that a comment in between is, too.
    const isBelow = out.lineOf(element.start) !== line
    if (isBelow) out.space('indent', 'section')
    else if (i > 0) out.space('blank')
    printExpression(out, element)
    if (i + 1 < elements.length) out.sign(',')
    if (isBelow) out.space('unindent')
    line = out.lineOf(element.end - 1)
  })
  if (elements.length > 0 && out.lineOf(end - 1) !== line) {
    out.sign(',')
    out.space('indent', 'section', 'unindent')
  }
  out.token(']', end - 1)
}

function printObject(out: PrintWriter, { fields, start, end }: ObjectExpression): void {
  out.token('{', start)
  out.space('indent')
  // After a field of several lines comes a new line, always.
  let line = out.lineOf(start)
  let lines = 0
  fields.forEach((field, i) => {
    if (out.lineOf(field.key.start) !== line) out.space(lines === 1 ? 'break' : 'section')
    else if (i > 0) out.space('blank')
    lines = printField(out, field)
    if (i + 1 < fields.length) out.sign(',')
    line = out.lineOf((lines === 1 ? field.value : field.key).end - 1)
  })
  if (fields.length > 0 && out.lineOf(end - 1) !== line) {
    out.sign(',')
    out.space('section')
  }
  out.space('unindent')
  out.token('}', end - 1)
}

/** Gives the lines that the value took. */
function printField(out: PrintWriter, { key, isQuoted, value }: ObjectField): number {
  out.token(isQuoted ? quotedKey(out, key) : key.name, key.start)
  out.space('column')
  out.sign('=')
  out.space('blank')
  return out.linesOf(() => printExpression(out, value))
}

/** Keys are never unescaped, so they stay as they are; only backticks that nothing needs become quotes. */
function quotedKey(out: PrintWriter, key: Identifier): string {
  const written = out.textOf(key)
  return written.startsWith('`') && !/[\\"\0-\x1f]/.test(key.name) ? `"${key.name}"` : written
}

function printCall(out: PrintWriter, { of, args, end }: Call): void {
  printExpression(out, of)
  out.sign('(')
  let line = out.lineOf(of.end - 1)
  args.forEach((arg, i) => {
    const isBelow = out.lineOf(arg.start) !== line
    if (isBelow) out.space('section', 'indent')
    printExpression(out, arg)
    if (i + 1 < args.length) {
      out.sign(',')
      out.space('blank')
    }
    if (isBelow) out.space('unindent')
    line = out.lineOf(arg.end - 1)
  })
  if (args.length > 0 && out.lineOf(end - 1) !== line) {
    out.sign(',')
    out.space('section')
  }
  out.token(')', end - 1)
}
