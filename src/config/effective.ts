// The settings in force, for people: secrets masked, in the form of a file, which reads back as the same settings
// where it holds no secret.

import { formatQuantity } from './decode-text.ts'
import { formatDuration } from './duration.ts'
import { secretMask } from './secret.ts'
import type { SettingSpec } from './setting-spec.ts'
import { type Settings, settingPaths, specOf } from './settings.ts'
import type { Override } from './tenancy-settings.ts'
import { maskUrl } from './upstream-url.ts'

const mask = (text: string): string => (text === '' ? '' : secretMask)

function shownOverride(override: Override): Record<string, unknown> {
  const { tenants, url, remoteTimeoutMs, headers, basicAuth, rateLimit } = override
  return {
    tenants,
    ...(url === undefined ? {} : { url: maskUrl(url) }),
    ...(remoteTimeoutMs === undefined ? {} : { remote_timeout: formatDuration(remoteTimeoutMs) }),
    ...(headers === undefined
      ? {}
      : { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)])) }),
    ...(basicAuth === undefined
      ? {}
      : { basic_auth: { username: basicAuth.username, password: mask(basicAuth.password) } }),
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
    case 'overrides':
      return (value as readonly Override[]).map(shownOverride)
    default:
      return value
  }
}

/** All settings that have a value, nested as in a file: ct's keys at the top, the others under `sluice`. */
export function effectiveSettings(settings: Settings): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const path of settingPaths) {
    const value = settings[path]
    if (value === undefined) continue
    const spec = specOf(path)
    const names = (spec.ct === undefined ? `sluice.${path}` : path).split('.')
    const last = names.pop() as string
    let group = root
    for (const name of names) group = (group[name] ??= {}) as Record<string, unknown>
    group[last] = shownValue(spec, value)
  }
  return root
}
