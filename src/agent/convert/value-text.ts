// Values of settings as expressions in Alloy's language. Secrets are masked unless they are asked for.

import { formatDuration } from '../../config/duration.ts'
import { Secret, secretMask } from '../../config/secret.ts'
import type { SettingSpec, SettingValue } from '../../config/setting-spec.ts'
import { isHttpUrl, secretParameter } from '../../config/upstream-url.ts'
import { goQuoted } from '../syntax/go-quote.ts'

/** The text of a secret where it may be seen. Notes that there was one. */
export class Reveal {
  readonly #shows: boolean
  /** A secret that is not empty was masked. */
  hasMasked = false

  constructor(shows: boolean) {
    this.#shows = shows
  }

  text(secret: Secret | string): string {
    const plain = typeof secret === 'string' ? secret : secret.reveal()
    if (this.#shows || plain === '') return plain
    this.hasMasked = true
    return secretMask
  }

  /** A text, masked where it is a URL whose query carries a secret. */
  url(url: string): string {
    if (!isHttpUrl(url)) return url
    return url.replace(secretParameter, (all: string, before: string) => before + this.text(all.slice(before.length)))
  }
}

export const listText = (texts: readonly string[]): string => `[${texts.join(', ')}]`

export const objectText = (fields: Readonly<Record<string, string>>): string => {
  const lines = Object.entries(fields).map(([name, text]) => `${goQuoted(name)} = ${text}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')},\n}`
}

/** A duration in Go's grammar, quoted. */
export const durationText = (ms: number): string => goQuoted(formatDuration(ms))

/** The expression for a value of a row. Objects and overrides are not for it. */
export function valueText(spec: SettingSpec, value: SettingValue, reveal: Reveal): string {
  const shown = (item: unknown): string =>
    item instanceof Secret || spec.secret === true
      ? goQuoted(reveal.text(item as Secret))
      : goQuoted(reveal.url(String(item)))
  if (spec.type === 'duration') return durationText(value as number)
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string' || value instanceof Secret) return shown(value)
  if (Array.isArray(value)) return listText(value.map(shown))
  const isHeaders = spec.type === 'headers'
  const entries = Object.entries(value as Readonly<Record<string, string | Secret | readonly Secret[]>>)
  return objectText(
    Object.fromEntries(
      entries.map(([name, item]): [string, string] => {
        if (typeof item === 'string' && isHeaders) return [name, goQuoted(reveal.text(item))]
        return [name, Array.isArray(item) ? listText(item.map(shown)) : shown(item)]
      }),
    ),
  )
}
