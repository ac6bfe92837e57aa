// For tests: settings with their secrets as plain texts, so that they can be compared.

import { Secret } from '../secret.ts'

export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value !== 'object' || value === null) return value
  if ('kind' in value && value.kind === 'inline' && 'secret' in value) return { inline: revealed(value.secret) }
  if ('kind' in value && value.kind === 'file' && 'path' in value) return { file: value.path }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revealed(each)]))
}
