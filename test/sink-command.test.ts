// `sluice sink` has flags of its own, some with the names of settings.

import { expect, test } from 'vitest'
import { runSluice, sluice } from './support/sluice.ts'

test('--listen is where it listens', async () => {
  const program = sluice(['sink', '--listen', '127.0.0.1:0'])
  const [, url = ''] = await program.line(/metrics (http:\/\/127\.0\.0\.1:\d+)\/api\/v1\/push/)
  expect(url).not.toMatch(/:(9009|0)$/)
  expect((await fetch(`${url}/-/ready`)).status).toBe(200)
  program.signal('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
})

test('a setting is no flag of it', async () => {
  const { code, stderr } = await runSluice(['sink', '--tenancy.labels=a'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('--tenancy.labels')])
})

test('an address that is none, or that is taken, is said without a stack', async () => {
  const check = async (listen: string, code: number, said: RegExp): Promise<void> => {
    const ended = await runSluice(['sink', '--listen', listen])
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([code, '', expect.stringMatching(said)])
  }
  await check('nonsense', 2, /^--listen "nonsense": write host:port, such as 127\.0\.0\.1:9009\n$/)
  const program = sluice(['sink', '--listen', '127.0.0.1:0'])
  const [, taken = ''] = await program.line(/metrics http:\/\/(127\.0\.0\.1:\d+)\//)
  await check(taken, 1, /^--listen "127\.0\.0\.1:\d+": listen EADDRINUSE: .*\n$/)
})
