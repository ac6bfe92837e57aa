// `fmt`: a file in the one form that Alloy's formatter gives it. What is printed parses to the same tree, holds every
// comment, and is printed again as it is.

import type { Attribute, Block, Body, File } from './ast.ts'
import { printExpression } from './print-expression.ts'
import { PrintWriter } from './print-writer.ts'

/** Of a file that parsed without errors; ends in one line break, also where there is nothing else. */
export function printFile(file: File): string {
  const out = new PrintWriter(file)
  printBody(out, file.body)
  return out.finish()
}

function printBody(out: PrintWriter, body: Body): void {
  body.forEach((statement, i) => {
    const before = body[i - 1]
    if (before !== undefined) {
      const distance = out.lineOf(statement.start) - out.lineOf(before.end - 1)
      if (statement.kind === 'block' || distance > 1) out.space('section')
    }
    const lines = statement.kind === 'block' ? printBlock(out, statement) : printAttribute(out, statement)
    out.space(lines > 1 ? 'section' : 'break')
  })
}

/** Like `printBlock`, gives the lines that it took: an attribute of several is aligned with nothing below it. */
function printAttribute(out: PrintWriter, { name, value }: Attribute): number {
  out.token(name.name, name.start)
  out.space('column')
  return out.linesOf(() => {
    out.sign('=')
    out.space('blank')
    printExpression(out, value)
  })
}

function printBlock(out: PrintWriter, { name, nameSpan, label, labelSpan, body, open, close }: Block): number {
  out.token(name.join('.'), nameSpan.start, nameSpan.end)
  return out.linesOf(() => {
    if (label !== undefined && labelSpan !== undefined) {
      out.space('blank')
      out.token(`"${label}"`, labelSpan.start)
    }
    out.space('blank')
    out.token('{', open)
    out.space('indent')
    if (body.length > 0) {
      out.space('section')
      printBody(out, body)
    } else {
      out.space('blank')
    }
    out.space('unindent')
    out.token('}', close)
  })
}
