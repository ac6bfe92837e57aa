import { expect, test } from 'vitest'
import { createLogger } from './log.ts'
import { createRateLimitedLog } from './rate-limited.ts'

const setup = (maxKeys?: number) => {
  const lines: Record<string, unknown>[] = []
  const log = createLogger({ write: (line) => lines.push(JSON.parse(line)) })
  const time = { now: 0 }
  const suppressed = { value: 0 }
  const limited = createRateLimitedLog(log, {
    clock: () => time.now,
    suppressed,
    ...(maxKeys === undefined ? {} : { maxKeys }),
  })
  return { lines, time, limited, suppressed }
}

test('one line per key and minute, with the number of those left out', () => {
  const { lines, time, limited, suppressed } = setup()
  for (let n = 0; n < 5; n++) limited('a', 'warn', 'first', { n })
  limited('b', 'warn', 'other')
  expect(lines.map(({ msg, n, suppressed }) => [msg, n, suppressed])).toEqual([
    ['first', 0, undefined],
    ['other', undefined, undefined],
  ])
  expect(suppressed.value).toBe(4)
  time.now = 59_999
  limited('a', 'warn', 'still quiet')
  time.now = 60_000
  limited('a', 'error', 'again')
  expect(lines.at(-1)).toMatchObject({ level: 'error', msg: 'again', suppressed: 5 })
  time.now = 200_000
  limited('a', 'warn', 'calm')
  expect(lines.at(-1)).not.toHaveProperty('suppressed')
  expect(lines).toHaveLength(4)
})

test('fields are made only for a line that is written', () => {
  const { limited } = setup()
  let made = 0
  const fields = () => ({ made: ++made })
  limited('a', 'info', 'below the level', fields)
  limited('a', 'warn', 'seen', fields)
  limited('a', 'warn', 'left out', fields)
  expect(made).toBe(1)
})

test('keys beyond the bound share one line, until others expire', () => {
  const { lines, time, limited } = setup(2)
  for (const key of ['a', 'b', 'c', 'd', 'e']) limited(key, 'warn', key)
  expect(lines.map(({ msg }) => msg)).toEqual(['a', 'b', 'c'])
  time.now = 60_000
  for (const key of ['d', 'e', 'f']) limited(key, 'warn', key)
  expect(lines.map(({ msg, suppressed }) => [msg, suppressed])).toEqual([
    ['a', undefined],
    ['b', undefined],
    ['c', undefined],
    ['d', undefined],
    ['e', undefined],
    ['f', undefined],
  ])
})
