// Regular expressions of rules: RE2's language, `^(?s:…)$` around them, as Prometheus compiles them. Linear in time
// whatever a sender's labels hold. Patterns that need no engine are matched without one, and those of which it is proved
// that JavaScript's own engine takes no longer by that, with the same results.

import { RE2JS, RE2JSException } from 're2js'
import { PlainMatcher } from './plain-match.ts'
import { parsePlain } from './plain-pattern.ts'
import { scriptRegex } from './script-regex.ts'
import { expand, type Template } from './template.ts'

/** What a match found: all of it, then each group; undefined for a group that took no part. */
export type Groups = readonly (string | undefined)[]

/** A compiled pattern. Texts are well-formed UTF-16. */
export interface RuleRegex {
  matches(text: string): boolean
  /** The groups of the first match; undefined where there is none. */
  exec(text: string): Groups | undefined
  /** Go's ReplaceAllString. */
  replaceAll(text: string, template: Template): string
  /** Group names → numbers. */
  readonly names: ReadonlyMap<string, number>
}

/**
 * Compiles a pattern as written, without anchors. Throws RegexProblem with RE2's own text. One difference to Go's regexp:
 * two groups of one name are refused here.
 * `engineOnly`: no short cuts, for comparison.
 */
export function compileRegex(pattern: string, engineOnly = false): RuleRegex {
  const engine = compileEngine(pattern)
  if (engineOnly) return new EngineRegex(engine)
  const plain = parsePlain(pattern)
  if (plain !== undefined) return new PlainRegex(new PlainMatcher(plain), engine)
  const script = scriptRegex(pattern)
  return script === undefined ? new EngineRegex(engine) : new ScriptRegex(script, engine)
}

/** Why a pattern is none, in the words of Go's regexp package. */
export class RegexProblem extends Error {
  override readonly name = 'RegexProblem'
}

/** undefined if the pattern is well formed, or what Go would say. */
export function regexProblem(pattern: string): string | undefined {
  try {
    compileEngine(pattern)
    return undefined
  } catch (thrown) {
    if (thrown instanceof RegexProblem) return thrown.message
    throw thrown
  }
}

function compileEngine(pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${pattern})$`)
  } catch (thrown) {
    if (thrown instanceof RE2JSException) throw new RegexProblem(thrown.message)
    throw thrown
  }
}

class EngineRegex implements RuleRegex {
  readonly names: ReadonlyMap<string, number>
  readonly #engine: RE2JS

  constructor(engine: RE2JS) {
    this.#engine = engine
    this.names = new Map(Object.entries(engine.namedGroups()))
  }

  matches(text: string): boolean {
    return this.#engine.test(text)
  }

  exec(text: string): Groups | undefined {
    const matcher = this.#engine.matcher(text)
    return matcher.find() ? groupsOf(matcher) : undefined
  }

  replaceAll(text: string, template: Template): string {
    const matcher = this.#engine.matcher(text)
    let result = ''
    let after = 0
    // A pattern with a parenthesis too many, `a)|(b`, gets round the anchors and may match more than once.
    while (matcher.find()) {
      const start = matcher.start()
      const end = matcher.end()
      result += text.slice(after, start)
      // No empty match right behind another one.
      if (end > after || start === 0) result += expand(template, groupsOf(matcher), this.names)
      after = end
    }
    return result + text.slice(after)
  }
}

class PlainRegex implements RuleRegex {
  readonly names: ReadonlyMap<string, number>
  readonly #matcher: PlainMatcher

  constructor(matcher: PlainMatcher, engine: RE2JS) {
    this.#matcher = matcher
    this.names = new Map(Object.entries(engine.namedGroups()))
  }

  matches(text: string): boolean {
    return this.#matcher.matches(text)
  }

  exec(text: string): Groups | undefined {
    return this.#matcher.exec(text)
  }

  replaceAll(text: string, template: Template): string {
    const groups = this.#matcher.exec(text)
    return groups === undefined ? text : expand(template, groups, this.names)
  }
}

/** Longer texts are left to RE2: JavaScript's engine takes memory for each character that it may give back. */
const longestScripted = 10_000

class ScriptRegex implements RuleRegex {
  readonly names: ReadonlyMap<string, number>
  readonly #script: RegExp
  readonly #engine: EngineRegex

  constructor(script: RegExp, engine: RE2JS) {
    this.#script = script
    this.#engine = new EngineRegex(engine)
    this.names = this.#engine.names
  }

  matches(text: string): boolean {
    return text.length > longestScripted ? this.#engine.matches(text) : this.#script.test(text)
  }

  exec(text: string): Groups | undefined {
    return text.length > longestScripted ? this.#engine.exec(text) : this.#script.exec(text)?.slice()
  }

  replaceAll(text: string, template: Template): string {
    const groups = this.exec(text)
    return groups === undefined ? text : expand(template, groups, this.names)
  }
}

function groupsOf(matcher: ReturnType<RE2JS['matcher']>): Groups {
  const groups: (string | undefined)[] = []
  for (let k = 0; k <= matcher.groupCount(); k++) groups.push(matcher.group(k) ?? undefined)
  return groups
}
