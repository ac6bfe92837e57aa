import { expect, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { createLogger, parseLogLevel } from './log.ts'

const capture = (level?: string) => {
  const lines: string[] = []
  const log = createLogger({ ...(level === undefined ? {} : { level }), write: (line) => lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> }
}

test('levels are logrus’', () => {
  const check = (name: string, want: string) => expect(parseLogLevel(name)).toBe(want)
  check('panic', 'fatal')
  check('fatal', 'fatal')
  check('error', 'error')
  check('warn', 'warn')
  check('WARNING', 'warn')
  check('info', 'info')
  check('debug', 'debug')
  check('trace', 'trace')
  expect(() => parseLogLevel('loud')).toThrow(SluiceError)
  expect(() => createLogger({ level: 'loud' })).toThrow('log_level "loud" is not known')
})

test('a line is JSON with level, time and msg', () => {
  const { log, lines, last } = capture()
  log.warn('no tenant', { tenant: 'a', n: 3 })
  expect(lines[0]).toMatch(/^\{"level":"warn","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",.*\}\n$/)
  expect(last()).toEqual({ level: 'warn', time: expect.any(String), tenant: 'a', n: 3, msg: 'no tenant' })
})

test('the default level is warn; a change reaches children made before', () => {
  const { log, lines, last } = capture()
  const child = log.child({ part: 'send' }).child({ tenant: 'b' })
  child.info('unseen')
  expect(lines).toEqual([])
  expect(child.isEnabled('info')).toBe(false)
  log.setLevel('info')
  child.info('seen')
  expect(last()).toMatchObject({ level: 'info', part: 'send', tenant: 'b', msg: 'seen' })
  log.setLevel('panic')
  child.error('unseen')
  expect(lines).toHaveLength(1)
  expect(() => log.setLevel('x')).toThrow()
  child.fatal('seen')
  expect(lines).toHaveLength(2)
})

test('secrets are masked in what children carry', () => {
  const { log, lines } = capture()
  log.child({ target: 'http://u:hunter2@mimir/push' }).warn('slow')
  expect(lines[0]).not.toContain('hunter2')
})

test('secrets are masked wherever they are', () => {
  const { log, lines, last } = capture('trace')
  const cause = Object.assign(new Error('GET http://u:hunter2@x/ failed'), {
    code: 'ECONNREFUSED',
    options: { headers: { authorization: 'hunter2' } },
  })
  log.error('to https://u:hunter2@mimir/push', {
    url: new URL('https://u:hunter2@mimir/push?token=hunter2'),
    headers: { Authorization: 'Bearer hunter2', 'user-agent': 'Prometheus' },
    error: '401 no such user: Authorization: Basic aHVudGVyMg==hunter2',
    err: new SluiceError('UPSTREAM_UNREACHABLE', 'http://u:hunter2@mimir/push: refused', { cause }),
  })
  expect(lines[0]).not.toContain('hunter2')
  expect(last()).toMatchObject({
    msg: 'to https://***@mimir/push',
    url: 'https://***@mimir/push?token=***',
    headers: { Authorization: '***', 'user-agent': 'Prometheus' },
    err: {
      type: 'SluiceError',
      code: 'UPSTREAM_UNREACHABLE',
      message: 'http://***@mimir/push: refused',
      cause: { type: 'Error', code: 'ECONNREFUSED', message: 'GET http://***@x/ failed' },
    },
  })
  log.child({ url: 'http://u:hunter2@x' }).info('started')
  expect(lines.join('')).not.toContain('hunter2')
})

test('a stack is written for defects only', () => {
  const { log, last } = capture()
  log.error('x', { err: new TypeError('boom') })
  expect(last().err).toMatchObject({ type: 'TypeError', message: 'boom', stack: expect.stringContaining('log.test') })
  log.error('x', { err: new SluiceError('BODY_CORRUPT', 'bad') })
  expect(last().err).not.toHaveProperty('stack')
  log.error('x', { err: 'just a text' })
  expect(last().err).toBe('just a text')
})

test('a chain of causes that never ends is cut', () => {
  const { log, last } = capture()
  const err = new Error('loop')
  err.cause = err
  log.error('x', { err })
  expect(JSON.stringify(last()).match(/"loop"/g)).toHaveLength(4)
})
