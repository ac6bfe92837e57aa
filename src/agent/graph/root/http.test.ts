import { expect, test } from 'vitest'
import { createLogger } from '../../../telemetry/log.ts'
import { noMeter } from '../../../telemetry/meter.ts'
import { createGraph } from '../graph.ts'
import type { HttpSettings } from './http.ts'

async function load(body: string): Promise<{ said: readonly string[]; settings: HttpSettings | undefined }> {
  let settings: HttpSettings | undefined
  const graph = createGraph({
    kinds: [],
    log: createLogger({ write: () => undefined }),
    meter: noMeter,
    services: {},
    applyHttp: (next) => {
      settings = next
    },
  })
  const { diagnostics } = await graph.load([{ name: 'a', text: `http { ${body} }` }])
  await graph.stop(0)
  return { said: diagnostics.map(({ message }) => message), settings }
}
const settled = async (body: string, want: unknown) => expect(await load(body)).toEqual({ said: [], settings: want })
const refused = async (body: string, ...want: readonly string[]) =>
  expect(await load(body)).toEqual({ said: want, settings: undefined })

test('settings', async () => {
  await settled('', {})
  await settled('auth { basic {\nusername = "u"\npassword = "p"\n}\n}', {
    auth: { username: 'u', password: expect.objectContaining({}) },
  })
  const filter = 'filter {\npaths = ["/metrics"]\nauthenticate_matching_paths = false\n}'
  await settled(`auth { basic {\nusername = "u"\npassword = "p"\n}\n${filter}\n}`, {
    auth: {
      username: 'u',
      password: expect.objectContaining({}),
      filter: { paths: ['/metrics'], authenticateMatchingPaths: false },
    },
  })
  await settled('tls {\ncert_file = "c"\nkey_pem = "k"\nmin_version = "TLS12"\n}', {
    tls: {
      cert: { kind: 'file', path: 'c' },
      key: { kind: 'inline', secret: expect.objectContaining({}) },
      cipherSuites: [],
      curvePreferences: [],
      minVersion: 'TLS12',
    },
  })
})

test('what can’t be', async () => {
  await refused('tls { }', 'one of cert_pem and cert_file is needed', 'one of key_pem and key_file is needed')
  const pair = 'cert_file = "c"\nkey_file = "k"'
  await refused(`tls {\n${pair}\nkey_pem = "k"\n}`, 'only one of key_pem and key_file may be given')
  await refused(
    `tls {\n${pair}\nclient_ca_file = "a"\n}`,
    'a client CA has no effect with client_auth_type "NoClientCert"',
  )
  for (const type of ['VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'])
    await refused(`tls {\n${pair}\nclient_auth_type = "${type}"\n}`, `client_auth_type "${type}" needs a client CA`)
  await refused(`tls {\n${pair}\nclient_auth_type = "No"\n}`, 'unknown client auth type: No')
  await refused('auth { basic { username = "u" } }', 'missing required attribute "password"')
  const windows = 'block "windows_certificate_filter" is not supported yet'
  await refused(`tls {\n${pair}\nwindows_certificate_filter { }\n}`, windows)
})
