// The short cuts of a pattern find what RE2 finds.

import { expect } from 'vitest'
import { compileRegex } from '../../src/relabel/regex.ts'
import { parseTemplate } from '../../src/relabel/template.ts'

const template = parseTemplate('<$0|$1|$2|$3>')

/** Whether the pattern matches the text, to both. */
export function sameAsEngine(pattern: string, text: string): boolean {
  const quick = compileRegex(pattern)
  const engine = compileRegex(pattern, true)
  const where = `${pattern} on ${JSON.stringify(text)}`
  expect(quick.matches(text), where).toBe(engine.matches(text))
  expect(quick.exec(text), where).toEqual(engine.exec(text))
  expect(quick.replaceAll(text, template), where).toBe(engine.replaceAll(text, template))
  return engine.matches(text)
}
