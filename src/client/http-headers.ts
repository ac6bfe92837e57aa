// Prometheus' `http_headers`: values from settings and files, added to what a request has.

import { headerBytes } from '../config/header-rules.ts'
import type { HttpClientSettings } from '../config/http-client/http-client-settings.ts'
import type { HttpRequest } from '../wire/message.ts'
import type { Link } from './chain.ts'
import { credentialReader, headerText } from './credential.ts'
import { headersLink } from './headers-link.ts'

type Headers = HttpRequest['headers']

/**
 * Adds the values of each header in the order values, secrets, files. Files are looked at for every request and
 * trimmed; if one can't be read the request rejects with SluiceError CREDENTIALS_UNAVAILABLE
 * (`unable to read headers file …`) and is not sent. A request that a redirect leads to another host gets none of
 * them: Prometheus takes only Cookie and the like from it, but any of these values may be a key.
 */
export function httpHeaders(headers: HttpClientSettings['httpHeaders']): Link {
  return headersLink('httpHeaders', { read: reader(headers), make: added })
}

/** Gives what is to be added; the same object as long as nothing has changed. */
function reader(settings: HttpClientSettings['httpHeaders']): () => Headers {
  const parts = Object.entries(settings).flatMap(([written, { values, secrets, files }]) => {
    const name = written.toLowerCase()
    const texts = [...values, ...secrets.map((secret) => secret.reveal())].map(headerBytes)
    const fixed = texts.map((text) => ({ name, read: () => text }))
    return [...fixed, ...files.map((path) => ({ name, read: fileReader(path) }))]
  })
  const isFixed = Object.values(settings).every(({ files }) => files.length === 0)
  let texts: readonly string[] | undefined
  let current: Headers = {}
  return () => {
    if (isFixed && texts !== undefined) return current
    const now = parts.map(({ read }) => read())
    if (texts === undefined || now.some((text, at) => text !== texts?.[at])) {
      texts = now
      current = parts.reduce<Headers>((all, { name }, at) => added(all, { [name]: now[at]! }), {})
    }
    return current
  }
}

function fileReader(path: string): () => string {
  const read = credentialReader({ kind: 'file', path }, `unable to read headers file ${path}`)
  return () => headerText(read(), `unable to use headers file ${path}`)
}

/** One line for each name, as RFC 9110, section 5.3, joins them. */
function added(headers: Headers, values: Headers): Headers {
  const result: Record<string, string> = { ...headers }
  for (const [name, value] of Object.entries(values)) {
    const own = result[name]
    result[name] = own === undefined ? value : `${own}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return result
}
