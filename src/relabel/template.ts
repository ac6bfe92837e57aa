// Replacement templates as Go's Regexp.Expand reads them: `$1`, `${1}`, `$name`, `${name}`, `$$`. A name is as long as
// it can be (`$1x` is the group named "1x"); a `$` that begins none of these is itself; what did not match is empty.

import type { Groups } from './regex.ts'

/** A template, taken apart: texts stand for themselves. */
export type Template = readonly Part[]

type Part = string | { readonly group: number } | { readonly name: string }

const reference = /^(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u

/** Never fails: every text is a template. */
export function parseTemplate(text: string): Template {
  const parts: Part[] = []
  let literal = ''
  let rest = text
  for (;;) {
    const dollar = rest.indexOf('$')
    if (dollar < 0) break
    literal += rest.slice(0, dollar)
    rest = rest.slice(dollar + 1)
    if (rest.startsWith('$')) {
      literal += '$'
      rest = rest.slice(1)
      continue
    }
    const found = reference.exec(rest)
    const name = found?.[1] ?? found?.[2]
    if (found === null || name === undefined) {
      literal += '$'
      continue
    }
    if (literal !== '') parts.push(literal)
    literal = ''
    // A number of nine digits or more, or with a leading zero, is a name, which no group can have.
    parts.push(/^(?:0|[1-9]\d{0,8})$/.test(name) ? { group: Number(name) } : { name })
    rest = rest.slice(found[0].length)
  }
  literal += rest
  if (literal !== '') parts.push(literal)
  return parts
}

/** The template's text for one match. */
export function expand(template: Template, groups: Groups, names: ReadonlyMap<string, number>): string {
  let text = ''
  for (const part of template) {
    if (typeof part === 'string') text += part
    else {
      const group = 'group' in part ? part.group : names.get(part.name)
      if (group !== undefined) text += groups[group] ?? ''
    }
  }
  return text
}
