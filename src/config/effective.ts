// The settings in force, for people: secrets masked, in the form of a file, which reads back as the same settings
// where it holds no secret.

import { formatQuantity } from './decode-text.ts'
import { formatDuration } from './duration.ts'
import { overrideFields } from './override-fields.ts'
import { queueConfigRows } from './resolve-queue.ts'
import { type Secret, secretMask } from './secret.ts'
import type { SettingSpec } from './setting-spec.ts'
import { type Settings, settingPaths, specOf } from './settings.ts'
import type { Override } from './tenancy-settings.ts'
import { maskUrl } from './upstream-url.ts'

const mask = (text: string): string => (text === '' ? '' : secretMask)

function shownOverride(override: Override): Record<string, unknown> {
  const { tenants, url, remoteTimeoutMs, headers, clientRows = {}, rateLimit, queueConfig, protobufMessage } = override
  const { sendExemplars, sendNativeHistograms } = override
  const rows = { ...clientRows, ...(queueConfig && queueConfigRows(queueConfig)) }
  const shown = Object.entries(rows).map(
    ([path, value]) => [path, shownValue(overrideFields[path] as SettingSpec, value)] as const,
  )
  return {
    tenants,
    ...nested(shown),
    ...(url === undefined ? {} : { url: maskUrl(url) }),
    ...(remoteTimeoutMs === undefined ? {} : { remote_timeout: formatDuration(remoteTimeoutMs) }),
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)])) }),
    ...(protobufMessage === undefined ? {} : { protobuf_message: protobufMessage }),
    ...(sendExemplars === undefined ? {} : { send_exemplars: sendExemplars }),
    ...(sendNativeHistograms === undefined ? {} : { send_native_histograms: sendNativeHistograms }),
    ...(rateLimit === undefined
      ? {}
      : { rate_limit: { samples_per_second: rateLimit.samplesPerSecond, burst: rateLimit.burst } }),
  }
}

function shownValue(spec: SettingSpec, value: unknown): unknown {
  if (spec.secret) return mask(value as string)
  switch (spec.type) {
    case 'url':
      return maskUrl(value as string)
    case 'duration':
    case 'size':
      return formatQuantity(spec.type, value as number)
    case 'secret':
      return spec.isUrl ? maskUrl((value as Secret).reveal()) : String(value)
    case 'map':
    case 'http_headers':
      // The secrets in it mask themselves.
      return JSON.parse(JSON.stringify(value))
    case 'overrides':
      return (value as readonly Override[]).map(shownOverride)
    default:
      return value
  }
}

/** Dotted paths as groups in groups. */
function nested(entries: Iterable<readonly [path: string, value: unknown]>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [path, value] of entries) {
    const names = path.split('.')
    const last = names.pop() as string
    let group = root
    for (const name of names) group = (group[name] ??= {}) as Record<string, unknown>
    group[last] = value
  }
  return root
}

/** All settings that have a value, nested as in a file: ct's keys at the top, the others under `sluice`. */
export function effectiveSettings(settings: Settings): Record<string, unknown> {
  const given = settingPaths.filter((path) => settings[path] !== undefined)
  return nested(
    given.map((path) => {
      const spec = specOf(path)
      return [spec.ct === undefined ? `sluice.${path}` : path, shownValue(spec, settings[path])] as const
    }),
  )
}
