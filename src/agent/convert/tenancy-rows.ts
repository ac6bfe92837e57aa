// Tenancy settings as the rows of a `tenancy` block: only what differs from what the block has anyway.

import { httpClientFields } from '../../config/http-client/http-client-fields.ts'
import { overrideFields } from '../../config/override-fields.ts'
import { defaultQueueConfig, queueConfigRows } from '../../config/resolve-queue.ts'
import type { SettingSpec, SettingValue } from '../../config/setting-spec.ts'
import { tenancyFields } from '../../config/tenancy-fields.ts'
import { defaultTenancy, type Override, type TenancySettings } from '../../config/tenancy-settings.ts'
import { blockOfTexts, type MadeBlock } from './block-text.ts'
import { type ClientTexts, clientTexts } from './client-texts.ts'
import { type Reveal, valueText } from './value-text.ts'

type Values = Omit<TenancySettings, 'override' | 'rateLimit' | 'stripReserved'>

const nameOf = (key: string): string => key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The block; `onLost` is told what of an override's client can't be said, by its index and path. */
export function tenancyBlockOf(
  { override, rateLimit, stripReserved: _, ...values }: TenancySettings,
  reveal: Reveal,
  onLost: (index: number, path: string) => void,
): MadeBlock {
  const rows = new Map<string, SettingValue>()
  for (const key of Object.keys(defaultTenancy) as (keyof Values)[]) {
    if (key in values && (key === 'labels' || !isSame(values[key], defaultTenancy[key]))) {
      rows.set(nameOf(key), values[key] as SettingValue)
    }
  }
  const { samplesPerSecond, burst } = rateLimit
  if (samplesPerSecond > 0) rows.set('rate_limit.samples_per_second', samplesPerSecond)
  if (burst > 0) rows.set('rate_limit.burst', burst)
  const specs: Readonly<Record<string, SettingSpec>> = tenancyFields
  const texts = [...rows].map(
    ([name, value]) => [name, valueText(specs[`tenancy.${name}`] as SettingSpec, value, reveal)] as const,
  )
  const overrides = override.map((each, index) => overrideBlockOf(each, reveal, (path) => onLost(index, path)))
  return blockOfTexts('tenancy', new Map(texts), overrides)
}

/** Rows that differ from their defaults; all where none does, since a block that says nothing means none. */
function changedRows(
  rows: Readonly<Record<string, SettingValue>>,
  defaults: Readonly<Record<string, SettingValue>>,
): Readonly<Record<string, SettingValue>> {
  const changed = Object.entries(rows).filter(([path, value]) => value !== defaults[path])
  return changed.length === 0 ? rows : Object.fromEntries(changed)
}

function overrideBlockOf(override: Override, reveal: Reveal, onLost: (path: string) => void): MadeBlock {
  const { tenants, url, remoteTimeoutMs, headers, rateLimit, queueConfig, clientRows = {} } = override
  const { sendExemplars, sendNativeHistograms, protobufMessage } = override
  const own: Readonly<Record<string, SettingValue | undefined>> = {
    tenants,
    url: url && reveal.url(url),
    remote_timeout: remoteTimeoutMs,
    headers,
    'rate_limit.samples_per_second': rateLimit?.samplesPerSecond,
    'rate_limit.burst': rateLimit?.burst || undefined,
    send_exemplars: sendExemplars,
    send_native_histograms: sendNativeHistograms,
    protobuf_message: protobufMessage,
    ...(queueConfig && changedRows(queueConfigRows(queueConfig), queueConfigRows(defaultQueueConfig))),
  }
  const texts: ClientTexts = new Map()
  for (const [path, value] of Object.entries(own)) {
    if (value !== undefined) texts.set(path, valueText(overrideFields[path] as SettingSpec, value, reveal))
  }
  const client = new Map(Object.entries(clientRows).filter(([path]) => Object.hasOwn(httpClientFields, path)))
  for (const [path, text] of clientTexts(client, reveal, onLost)) texts.set(path, text)
  return blockOfTexts('override', texts)
}
