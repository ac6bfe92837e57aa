// Which settings of the queue go together: Prometheus' rules with its texts, and what is set but has no effect.

import { formatDuration } from './duration.ts'
import type { QueueConfig } from './queue-settings.ts'
import { defaultSettings, type SettingPath, type Settings, settingPaths } from './settings.ts'
import type { Finding } from './validate.ts'

interface Disorder {
  readonly row: 'min_shards' | 'max_backoff'
  readonly message: string
  readonly hint: string
}

type QueueOrder = Pick<QueueConfig, 'minShards' | 'maxShards' | 'minBackoffMs' | 'maxBackoffMs'>

/** What is wrong with the order of a `queue_config`'s values, at which row. */
export function queueDisorders({ minShards, maxShards, minBackoffMs, maxBackoffMs }: QueueOrder): readonly Disorder[] {
  const found: Disorder[] = []
  if (minShards > maxShards) {
    const message = 'remote write queue min_shards must not be greater than max_shards'
    found.push({ row: 'min_shards', message, hint: `max_shards is ${maxShards}` })
  }
  if (maxBackoffMs < minBackoffMs) {
    const message = 'remote write queue max_backoff must not be less than min_backoff'
    found.push({ row: 'max_backoff', message, hint: `min_backoff is ${formatDuration(minBackoffMs)}` })
  }
  return found
}

const orderedRows = ['min_shards', 'max_shards', 'min_backoff', 'max_backoff'] as const

function ownDisorders(settings: Settings, failed: ReadonlySet<SettingPath>): readonly Finding[] {
  if (orderedRows.some((row) => failed.has(`queue.${row}`))) return []
  const config = {
    minShards: settings['queue.min_shards'],
    maxShards: settings['queue.max_shards'],
    minBackoffMs: settings['queue.min_backoff'],
    maxBackoffMs: settings['queue.max_backoff'],
  }
  const partner = { min_shards: 'max_shards', max_backoff: 'min_backoff' } as const
  return queueDisorders(config as QueueOrder).map(({ row, ...said }) => {
    // At the one that somebody wrote.
    const own = isChanged(settings, `queue.${row}`)
    return { severity: 'error', path: `queue.${own ? row : partner[row]}`, ...said }
  })
}

function overrideFindings(settings: Settings): readonly Finding[] {
  return settings['tenancy.override'].flatMap(({ queueConfig }, index): readonly Finding[] => {
    const path = 'tenancy.override' as const
    const wrong = queueConfig === undefined ? [] : queueDisorders(queueConfig)
    const found: Finding[] = wrong.map(({ row, ...said }) => {
      return { severity: 'error', path, part: `${index}.queue_config.${row}`, ...said }
    })
    if (queueConfig !== undefined && !settings['queue.enabled']) {
      found.push({ severity: 'warning', path, part: `${index}.queue_config`, ...withoutQueue })
    }
    return found
  })
}

const withoutQueue = {
  message: 'this has no effect without a queue',
  hint: 'set `queue.enabled` (--queue, SLUICE_QUEUE=true)',
} as const

/** Also false where a file says what is so anyway. */
const isChanged = (settings: Settings, path: SettingPath): boolean =>
  String(settings[path]) !== String(defaultSettings[path])

const isAboutQueue = (path: SettingPath): boolean => path.startsWith('queue.') || path.startsWith('storage.')

function inVain(settings: Settings): readonly Finding[] {
  if (settings['queue.enabled']) return []
  return settingPaths
    .filter((path) => isAboutQueue(path) && isChanged(settings, path))
    .map((path) => ({ severity: 'warning', path, ...withoutQueue }))
}

function whereToStore(settings: Settings): readonly Finding[] {
  if (settings['storage.path'] !== '') return []
  const message = 'the store needs a directory'
  return [{ severity: 'error', path: 'storage.path', message, hint: 'write one, such as data-sluice/' }]
}

/** Everything that is wrong between settings of the queue; `failed` are those that could not be read. */
export const queueFindings = (settings: Settings, failed: ReadonlySet<SettingPath>): readonly Finding[] => [
  ...ownDisorders(settings, failed),
  ...overrideFindings(settings),
  ...whereToStore(settings),
  ...inVain(settings),
]
