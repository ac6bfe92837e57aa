// Laws of printing, on random files laid out at random, comments in every place that may hold one: what is printed says
// the same, holds every comment, and is printed again as it is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { File } from './ast.ts'
import { parseFile } from './parse.ts'
import { printFile } from './print.ts'

/** Grows a file from a list of numbers: each is a decision; where there are no more, the simplest thing is taken. */
class Grower {
  readonly #choices: readonly number[]
  #at = 0
  #comments = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  file(): string {
    return this.#body(3)
  }

  #below(count: number): number {
    return (this.#choices[this.#at++] ?? 0) % count
  }

  #pick(...words: readonly string[]): string {
    return words[this.#below(words.length)] as string
  }

  #comment(): string {
    return this.#below(14) < 13 ? '' : this.#pick(` /* c${this.#comments++} */ `, `/* c${this.#comments++} */`)
  }

  /** Where a line may end without ending the statement. */
  #break(): string {
    const kinds = ['', ' ', '\n', ` // l${this.#comments++}\n`, `/* m${this.#comments++}\n x */ `]
    return this.#below(3) === 2 ? this.#pick(...kinds) : ''
  }

  #gap(): string {
    const n = this.#comments++
    return this.#pick('\n', '\n\n', ` // t${n}\n`, `\n// o${n}\n`, `\n\n\n\n/* b${n}\n*/\n`, ` /* e${n} */\n`)
  }

  #name(): string {
    return this.#pick('a', 'bb', 'ccc', 'dddd_d', 'é', '_x9', '𝒳')
  }

  #literal(): string {
    const words = [
      '1',
      '2.5',
      '.5',
      '5.',
      '1e3',
      '"s"',
      '"tab\there "',
      '`raw`',
      '`r\n\t x \n`',
      'true',
      'null',
      '"q\\"x"',
    ]
    return this.#pick(...words)
  }

  #expression(depth: number): string {
    if (depth <= 0) return this.#below(2) === 0 ? this.#literal() : this.#name()
    const inner = (): string => this.#expression(depth - 1)
    switch (this.#below(9)) {
      case 1:
        return this.#list('[', ']', inner)
      case 2:
        return this.#list('{', '}', () => {
          const key = this.#pick('a', 'long_name', '"k y"', '`b k`', '`w\\d`', '"\\n"', '""')
          return `${key}${this.#comment()}=${this.#break()}${this.#comment()}${inner()}`
        })
      case 3:
        return `${this.#name()}${this.#comment()}${this.#list('(', ')', inner)}`
      case 4:
        return `(${this.#break()}${inner()}${this.#comment()})`
      case 5:
        return `${this.#expression(0)}${this.#comment()}${this.#pick('+', '*', '&&', '==', '^', '/')} ${this.#break()}${this.#comment()}${inner()}`
      case 6:
        return `${this.#name()}[${this.#break()}${inner()}${this.#comment()}]`
      case 7:
        return `${this.#pick('-', '!', '--')}${this.#comment()}${this.#expression(0)}`
      case 8:
        return `${this.#pick('a', '1 ', '(b)')}.${this.#break()}${this.#name()}`
      default:
        return this.#expression(0)
    }
  }

  #list(open: string, close: string, element: () => string): string {
    const count = this.#below(4)
    let text = open
    for (let i = 0; i < count; i++) {
      text += this.#break() + this.#comment() + element() + this.#comment() + (i + 1 < count ? ',' : '')
    }
    if (count === 0 || this.#below(2) === 1) text += (count > 0 ? ',' : '') + this.#break()
    return text + close
  }

  #body(depth: number): string {
    let text = ''
    for (let i = this.#below(5); i > 0; i--) text += this.#pick('', '  ', '\t') + this.#statement(depth) + this.#gap()
    return text
  }

  #statement(depth: number): string {
    if (depth === 0 || this.#below(3) > 0) {
      return `${this.#name()}${this.#comment()}${this.#pick('', '  ')}=${this.#comment()}${this.#expression(this.#below(4))}`
    }
    const head = `${this.#pick('blk', 'a.b', `a . ${this.#break()}b`)}${this.#comment()}${this.#pick('', ' "l"', ' ""')}${this.#comment()} {`
    switch (this.#below(4)) {
      case 1:
        return `${head} a = ${this.#expression(1)} }`
      case 2:
        return `${head}${this.#comment()}${this.#gap()}${this.#body(depth - 1)}}`
      case 3:
        return `${head}${this.#comment()} }`
      default:
        return `${head}}`
    }
  }
}

const places = new Set(['start', 'end', 'nameSpan', 'labelSpan', 'open', 'close', 'operatorAt'])
const tree = (file: File): string => JSON.stringify(file.body, (key, value) => (places.has(key) ? undefined : value))
const comments = (file: File): readonly string[] => file.comments.flat().map(({ text }) => text)

test('law: what is printed says the same, with every comment, and is printed as it is', () => {
  let nonTrivial = 0
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { minLength: 20, maxLength: 400 }), (choices) => {
      const text = new Grower(choices).file()
      const first = parseFile('f', text)
      expect(first.diagnostics).toEqual([])
      const printed = printFile(first.file)
      const second = parseFile('f', printed)
      expect(second.diagnostics).toEqual([])
      expect(tree(second.file)).toBe(tree(first.file))
      expect(comments(second.file)).toEqual(comments(first.file))
      expect(printFile(second.file)).toBe(printed)
      if (comments(first.file).length > 2 && first.file.body.length > 1) nonTrivial++
    }),
    { numRuns: 1500 },
  )
  expect(nonTrivial).toBeGreaterThan(100)
})
