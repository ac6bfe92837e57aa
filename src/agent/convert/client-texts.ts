// The rows of an HTTP client as arguments in Alloy's names.

import { httpClientFields } from '../../config/http-client/http-client-fields.ts'
import type { HttpHeadersMap, SettingSpec, SettingValue } from '../../config/setting-spec.ts'
import { alloyPath, clientRows, cloudRows, roundRobinRow } from '../components/endpoint/client-block.ts'
import { goQuoted } from '../syntax/go-quote.ts'
import { listText, objectText, type Reveal, valueText } from './value-text.ts'

/** Dotted path → expression; undefined: its block is there, and empty. */
export type ClientTexts = Map<string, string | undefined>

const known = { ...clientRows, ...cloudRows, ...roundRobinRow }

/** `onLost` is told the rows that Alloy has no argument for. */
export function clientTexts(
  rows: ReadonlyMap<string, SettingValue>,
  reveal: Reveal,
  onLost: (path: string) => void,
): ClientTexts {
  const specs: Readonly<Record<string, SettingSpec>> = httpClientFields
  const texts: ClientTexts = new Map()
  for (const [path, value] of rows) {
    const name = alloyPath(path)
    if (!Object.hasOwn(known, name)) onLost(path)
    else if (path === 'http_headers')
      texts.set(
        name,
        headersText(value as HttpHeadersMap, reveal, () => onLost(path)),
      )
    // An empty text says that its group is there.
    else if (value === '' && path.includes('.')) texts.set(name, undefined)
    else texts.set(name, valueText(specs[path] as SettingSpec, value, reveal))
  }
  return texts
}

function headersText(headers: HttpHeadersMap, reveal: Reveal, onLost: () => void): string {
  if (Object.values(headers).some(({ files }) => files.length > 0)) onLost()
  return objectText(
    Object.fromEntries(
      Object.entries(headers).map(([name, { values, secrets }]) => [
        name,
        listText([...values, ...secrets.map((secret) => reveal.text(secret))].map(goQuoted)),
      ]),
    ),
  )
}
