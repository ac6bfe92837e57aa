// The whole client, from settings to sockets, for tests.

import { onTestFinished } from 'vitest'
import { chain } from '../../src/client/chain.ts'
import { standardLinks } from '../../src/client/standard-links.ts'
import { createTransport } from '../../src/client/transport.ts'
import type { HttpClientSettings } from '../../src/config/http-client/http-client-settings.ts'
import { Secret, type TextSource } from '../../src/config/secret.ts'
import type { Send } from '../../src/wire/message.ts'
import { onLoopback } from './upstreams.ts'

export const inline = (text: string): TextSource => ({ kind: 'inline', secret: new Secret(text) })
export const file = (path: string): TextSource => ({ kind: 'file', path })

const defaults: HttpClientSettings = {
  tls: {},
  proxy: {},
  followRedirects: true,
  enableHttp2: false,
  httpHeaders: {},
  headers: {},
  roundRobinDns: false,
}

/** A client that finds every host name on 127.0.0.1. Ends with the test. */
export function client(settings: Partial<HttpClientSettings>): Send {
  const whole = { ...defaults, ...settings }
  const { tls, proxy } = whole
  const { links, destroy } = standardLinks(whole, { env: {} })
  const transport = createTransport({ tls, proxy, env: {}, lookup: onLoopback })
  onTestFinished(() => {
    destroy()
    transport.destroy()
  })
  return chain([...links.values()], transport.send)
}
