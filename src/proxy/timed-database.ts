// Times the synced writes of a store's database: each sender whose part is stored waits for one.

import { type Level, levelAt } from '../send/store/database.ts'
import type { Distribution } from '../telemetry/meter.ts'

/** Makes databases whose synced writes are observed, in seconds. */
export const timedDatabase =
  (syncs: Distribution, connect: (directory: string) => Level = levelAt): ((directory: string) => Level) =>
  (directory) => {
    const level = connect(directory)
    const write = level.batch.bind(level) as (...given: readonly unknown[]) => unknown
    const timed = (...given: readonly unknown[]): unknown => {
      const written = write(...given)
      const isSynced = (given[1] as { readonly sync?: boolean } | undefined)?.sync === true
      if (!isSynced || !(written instanceof Promise)) return written
      const begun = performance.now()
      const observe = (): void => syncs.observe((performance.now() - begun) / 1000)
      written.then(observe, observe)
      return written
    }
    return Object.assign(level, { batch: timed })
  }
