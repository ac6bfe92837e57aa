import { expect, test } from 'vitest'
import { createLogger } from './log.ts'
import { logfmtLine } from './logfmt.ts'

const check = (fields: Record<string, unknown>, want: string): void => {
  let seen = ''
  createLogger({ level: 'info', write: (line) => void (seen = logfmtLine(line)) }).info('a line', fields)
  expect(seen.replace(/^ts=\d{4}-\d\d-\d\dT[\d:.]+Z /, '')).toBe(`level=info msg="a line"${want}\n`)
}

test('lines of a logger', () => {
  check({}, '')
  check(
    { component_id: 'prometheus.relabel.x', count: 3, on: true, none: undefined },
    ' component_id=prometheus.relabel.x count=3 on=true',
  )
  check(
    { text: '', spaced: 'a b', quoted: 'say "x"', equals: 'a=b', lines: 'a\nb' },
    ' text="" spaced="a b" quoted="say \\"x\\"" equals="a=b" lines="a\\nb"',
  )
  check({ settings: { path: 'x', list: ['a', 'b'] } }, ' settings.path=x settings.list.0=a settings.list.1=b')
  check({ 'a b': 1 }, ' a_b=1')
  check({ url: 'http://me:secret@host/' }, ' url=http://***@host/')
})

test('an error is its message, then the rest of it', () => {
  const { stack: _, ...error } = Object.assign(new Error('it broke'), { code: 'EPIPE' })
  check({ err: Object.assign(new Error('it broke'), error) }, ' err.type=Error err.code=EPIPE err="it broke"')
})
