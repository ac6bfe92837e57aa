import { expect, test } from 'vitest'
import { createRejectionLog, type RejectedItems } from './rejections.ts'

const items = (change: Partial<RejectedItems> = {}): RejectedItems => ({
  reason: 'missing',
  tenant: undefined,
  metric: 'up',
  job: 'node',
  sender: '10.0.0.1:4711',
  example: [
    ['__name__', 'up'],
    ['job', 'node'],
  ],
  count: 1,
  ...change,
})

const setup = (max?: number) => {
  const time = { now: 1000 }
  return { time, log: createRejectionLog({ clock: () => time.now, ...(max === undefined ? {} : { max }) }) }
}

test('alike items are one entry with first and last time and a count', () => {
  const { time, log } = setup()
  log.add(items({ count: 2 }))
  time.now = 5000
  log.add(items({ count: 3, sender: '10.0.0.1:4712', example: [['other', 'x']] }))
  expect(log.list()).toEqual([{ ...items(), sender: '10.0.0.1', count: 5, firstMs: 1000, lastMs: 5000 }])
})

test('reason, tenant, metric, job and the sender’s host tell entries apart; the latest is first', () => {
  const { log } = setup()
  const others = [
    { reason: 'denied' },
    { tenant: 'a' },
    { tenant: '' },
    { metric: 'down' },
    { job: '' },
    { sender: 'h' },
  ]
  log.add(items())
  for (const other of others) log.add(items(other))
  log.add(items())
  expect(log.size).toBe(7)
  expect(log.list()[0]).toMatchObject({ reason: 'missing', tenant: undefined, count: 2 })
  expect(log.list()[1]).toMatchObject({ sender: 'h' })
})

test('senders are hosts', () => {
  const check = (sender: string, want: string) => {
    const { log } = setup()
    log.add(items({ sender }))
    expect(log.list()[0]?.sender).toBe(want)
  }
  check('10.0.0.1:80', '10.0.0.1')
  check('10.0.0.1', '10.0.0.1')
  check('[::1]:80', '::1')
  check('::1', '::1')
  check('[fe80::1%eth0]:80', 'fe80::1%eth0')
  check('example.org:80', 'example.org')
  check('', '')
})

test('the entry unseen for longest goes first', () => {
  const { log } = setup(2)
  log.add(items({ metric: 'a' }))
  log.add(items({ metric: 'b' }))
  log.add(items({ metric: 'a' }))
  log.add(items({ metric: 'c' }))
  expect(log.list().map(({ metric, count }) => [metric, count])).toEqual([
    ['c', 1],
    ['a', 2],
  ])
})

test('texts and examples are cut, so that memory is bounded', () => {
  const { log } = setup()
  const long = 'x'.repeat(1_000_000)
  log.add(
    items({
      tenant: long,
      metric: long,
      job: long,
      sender: long,
      example: Array.from({ length: 1000 }, () => [long, long] as const),
    }),
  )
  log.add(items({ tenant: long, metric: long, job: long, sender: long }))
  expect(log.size).toBe(1)
  const [entry] = log.list()
  expect(entry!.count).toBe(2)
  expect(entry!.example).toHaveLength(64)
  expect(JSON.stringify(entry).length).toBeLessThan(64 * 2 * 270 + 1500)
})
