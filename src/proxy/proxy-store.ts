// The proxy's store: opened under its settings, counted by its metrics.

import { stat } from 'node:fs/promises'
import type { ProxySettings } from '../config/proxy-settings.ts'
import { SluiceError } from '../errors.ts'
import type { Level } from '../send/store/database.ts'
import { openStore } from '../send/store/open-store.ts'
import type { Dropped } from '../send/store/step.ts'
import type { Store } from '../send/store/store.ts'
import type { Log } from '../telemetry/log.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { RateLimitedLog } from '../telemetry/rate-limited.ts'
import { timedDatabase } from './timed-database.ts'

export interface ProxyStoreOptions {
  readonly storage: ProxySettings['storage']
  readonly log: Log
  /** For what may be said again and again: one line a minute and tenant. */
  readonly limitedLog: RateLimitedLog
  readonly meter: Meter
  /** Makes the database; default LevelDB's. */
  readonly connect?: (directory: string) => Level
}

/**
 * Rejects with SluiceError CONFIG_INVALID where `storage.path` is no directory, STORE_IN_USE, STORE_TOO_NEW or
 * STORE_UNAVAILABLE.
 */
export async function openProxyStore(options: ProxyStoreOptions): Promise<Store> {
  const { storage, log, limitedLog, meter } = options
  const { path, maxBytes } = storage
  await refuseFile(path)
  const failing = meter.tally('sluice_store_write_failing')
  const failures = meter.tally('sluice_store_write_failures_total')
  return openStore({
    path,
    ...(maxBytes !== undefined && { maxBytes }),
    wallClock: Date.now,
    log,
    connect: timedDatabase(meter.distribution('sluice_store_sync_duration_seconds'), options.connect),
    onWritable: (isWritable) => {
      failing.value = isWritable ? 0 : 1
      if (!isWritable) failures.value++
    },
    onDropped: (dropped) => {
      countDropped(meter, dropped)
      const { queue, reason, batches, samples, bytes } = dropped
      limitedLog(`${queue.tenant} ${reason}`, 'warn', lossInWords[reason], () => ({
        ...queue,
        batches,
        samples,
        bytes,
      }))
    },
  })
}

const lossInWords = {
  storage_full: 'the store is full: a tenant over its share lost its oldest batches (storage.max_bytes)',
  removed_by_command: 'stored batches were removed by command',
  damaged: 'stored batches are damaged and are not sent',
} as const satisfies Record<Dropped['reason'], string>

function countDropped(meter: Meter, { queue: { tenant, signal }, reason, samples }: Dropped): void {
  meter.tally('sluice_queue_dropped_samples_total', { tenant, signal, reason }).value += samples
}

/** A file where the directory should be is a mistake in the configuration, not of the disk. */
async function refuseFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.isDirectory()) return
  throw new SluiceError('CONFIG_INVALID', `storage.path = "${path}" is a file; the store needs a directory of its own`)
}
