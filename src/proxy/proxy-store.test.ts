import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { batchOf, laneOf, openTestStore } from '../../test/support/store.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { until } from '../../test/support/until.ts'
import type { SluiceError } from '../errors.ts'
import { levelAt } from '../send/store/database.ts'
import { createLogger } from '../telemetry/log.ts'
import { createRateLimitedLog } from '../telemetry/rate-limited.ts'
import { createRegistry } from '../telemetry/registry.ts'
import { openProxyStore } from './proxy-store.ts'

const setup = () => {
  const registry = createRegistry({ includeTenant: false, processMetrics: false })
  const lines: string[] = []
  const log = createLogger({ write: (line) => lines.push(line) })
  const open = async (path: string, maxBytes?: number, connect = levelAt) => {
    const storage = { path, maxBytes }
    const store = await openProxyStore({
      storage,
      log,
      limitedLog: createRateLimitedLog(log),
      meter: registry.meter,
      connect,
    })
    onTestFinished(() => store.close())
    return store
  }
  const value = (name: string, labels: Record<string, string> = {}) => registry.meter.tally(name as never, labels).value
  return { registry, lines, open, value }
}

const refused = async (path: string, code: string, words: string) => {
  const error = await setup()
    .open(path)
    .then(
      () => undefined,
      (reason: SluiceError) => reason,
    )
  expect(error).toMatchObject({ code, message: expect.stringContaining(words) })
}

test('what is no directory is a mistake in the configuration', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, 'x')
  await refused(file, 'CONFIG_INVALID', `storage.path = "${file}" is a file`)
  await refused(join(file, 'below'), 'STORE_UNAVAILABLE', 'can’t be opened')
})

test('a store that somebody has, and one from a newer version', async () => {
  const path = temporaryFolder()
  await openTestStore(path)
  await refused(path, 'STORE_IN_USE', `is in use by process ${process.pid}`)
  const newer = temporaryFolder()
  writeFileSync(join(newer, 'version'), 'sluice store 99\n')
  await refused(newer, 'STORE_TOO_NEW', 'newer')
})

test('synced writes are timed, what the full store gives up is counted and said once a minute', async () => {
  const { registry, lines, open, value } = setup()
  const store = await open(temporaryFolder(), 1 << 20)
  for (let i = 0; i < 6; i++) await store.append(laneOf('a'), batchOf('x'.repeat(300_000)))
  expect(store.bytes).toBeLessThanOrEqual(1 << 20)
  const lost = { tenant: 'a', signal: 'metrics', reason: 'storage_full' }
  expect(value('sluice_queue_dropped_samples_total', lost)).toBeGreaterThanOrEqual(6)
  const text = await registry.exposition()
  expect(Number(/sluice_store_sync_duration_seconds_count (\d+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(6)
  const said = lines.filter((line) => line.includes('the store is full'))
  expect(said.length).toBe(1)
  expect(JSON.parse(said[0]!)).toMatchObject({
    level: 'warn',
    tenant: 'a',
    signal: 'metrics',
    endpoint: 'proxy/metrics',
  })
})

test('a disk that can’t be written is a metric and a log line, and so is its end', async () => {
  const { lines, open, value } = setup()
  let isFull = false
  const store = await open(temporaryFolder(), undefined, (directory) => {
    const level = levelAt(directory)
    const write = level.batch.bind(level) as (...given: unknown[]) => Promise<void>
    const batch = (...given: unknown[]) => (isFull ? Promise.reject(new Error('no space left')) : write(...given))
    return Object.assign(level, { batch })
  })
  const failing = () => [value('sluice_store_write_failing'), value('sluice_store_write_failures_total')]
  expect(failing()).toEqual([0, 0])
  isFull = true
  await expect(store.append(laneOf('a'), batchOf('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(failing()).toEqual([1, 1])
  expect(lines.filter((line) => line.includes('the store can’t be written')).length).toBe(1)
  isFull = false
  await until(() => store.isWritable, { what: 'it can be written again' })
  expect(failing()).toEqual([0, 1])
  await store.append(laneOf('a'), batchOf('x'))
})
