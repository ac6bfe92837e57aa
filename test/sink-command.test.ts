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
