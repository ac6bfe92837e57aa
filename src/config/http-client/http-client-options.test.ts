import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import { SluiceError } from '../../errors.ts'
import { type OptionName, optionName } from '../option-name.ts'
import { Secret } from '../secret.ts'
import type { SettingSpec } from '../setting-spec.ts'
import { httpClientFields } from './http-client-fields.ts'
import {
  type AuthorizationOptions,
  type AzureAdOptions,
  type BasicAuthOptions,
  type HttpClientOptions,
  type OAuth2Options,
  readHttpClientOptions,
  type SigV4Options,
  type TlsOptions,
} from './http-client-options.ts'
import { revealed } from './revealed.ts'
import { defaultHttpClient } from './settle-http-client.ts'

const check = (options: HttpClientOptions, want: object) =>
  expect(revealed(readHttpClientOptions(options))).toEqual({ ...defaultHttpClient, ...want })
const messageOf = (options: unknown): string => {
  try {
    readHttpClientOptions(options as HttpClientOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    return (error as Error).message
  }
  return 'accepted'
}
const refused = (options: unknown, text: string) => expect(messageOf(options)).toBe(`the options are wrong:${text}`)

test('options to settings', () => {
  check({}, {})
  check({ basicAuth: undefined, followRedirects: undefined }, {})
  check({ basicAuth: {}, tlsConfig: {} }, { basicAuth: {} })
  check({ googleIam: {} }, { googleIam: {} })
  check(
    { azuread: { managedIdentity: {} } },
    {
      azuread: { cloud: 'AzurePublic', credential: { kind: 'managed_identity', clientId: '' } },
    },
  )
  check(
    {
      basicAuth: { username: 'u', passwordFile: 'p' },
      tlsConfig: { caFile: 'ca', minVersion: 'TLS13' },
      followRedirects: false,
      enableHttp2: true,
      proxyUrl: new Secret('http://u:p@h'),
      proxyConnectHeader: { 'X-A': ['a', new Secret('b')] },
      headers: { 'X-B': new Secret('b'), 'X-C': 'c', 'X-D': undefined },
      httpHeaders: { 'X-E': { values: ['e'], secrets: [new Secret('s'), 't'], files: ['f'] }, 'X-F': undefined },
      roundRobinDns: true,
    },
    {
      basicAuth: { username: { inline: 'u' }, password: { file: 'p' } },
      tls: { ca: { file: 'ca' }, minVersion: 'TLS13' },
      followRedirects: false,
      enableHttp2: true,
      proxy: { url: 'http://u:p@h', connectHeaders: { 'X-A': ['a', 'b'] } },
      headers: { 'X-B': 'b', 'X-C': 'c' },
      httpHeaders: { 'X-E': { values: ['e'], secrets: ['s', 't'], files: ['f'] } },
      roundRobinDns: true,
    },
  )
  check(
    {
      oauth2: {
        clientId: 'i',
        clientSecret: new Secret('s'),
        tokenUrl: 'http://t',
        claims: { a: [[1], { b: null }] },
        endpointParams: { p: 'q' },
      },
    },
    {
      oauth2: {
        clientId: 'i',
        clientSecret: { inline: 's' },
        grantType: 'client_credentials',
        signatureAlgorithm: 'RS256',
        claims: { a: [[1], { b: null }] },
        scopes: [],
        tokenUrl: 'http://t',
        endpointParams: { p: 'q' },
        tls: {},
        proxy: {},
      },
    },
  )
})

test('what is wrong, all of it', () => {
  refused({ basic_auth: {} }, ' unknown option "basic_auth" (did you mean `basicAuth`?)')
  refused({ basicAuth: 'u:hunter2' }, ' basicAuth: an object belongs here, not a text')
  refused(
    { basicAuth: { username: 'a', usernameFile: 'b' } },
    ' basicAuth.usernameFile: at most one of basic_auth username, username_file & username_ref must be configured (keep one of `basicAuth.username`, `basicAuth.usernameFile`)',
  )
  refused(
    { enableHttp2: 'no', oauth2: {}, headers: { host: 'h' }, tlsConfig: { minVersion: 'TLS9' } },
    '\n  enableHttp2: true or false belongs here, not a text' +
      '\n  tlsConfig.minVersion: unknown TLS version: TLS9 (the values are TLS10, TLS11, TLS12, TLS13)' +
      '\n  headers.host: host is a reserved header. It must not be changed (take it out)' +
      '\n  oauth2: oauth2 client_id must be configured (add `oauth2.clientId`)' +
      '\n  oauth2: oauth2 token_url must be configured (add `oauth2.tokenUrl`)',
  )
  refused(
    { httpHeaders: { 'X-A': { value: ['hunter2'] } } },
    ' httpHeaders.X-A.value: unknown key "value" (did you mean `values`?)',
  )
  refused(
    { oauth2: { clientId: 'a', tokenUrl: 'http://t', claims: { a: 1n } } },
    ' oauth2.claims.a: a bigint has no place in JSON',
  )
  const cyclic: Record<string, unknown> = {}
  cyclic.a = cyclic
  expect(messageOf({ oauth2: { clientId: 'a', tokenUrl: 'http://t', claims: cyclic } })).toContain(
    'nested more than 32 deep',
  )
})

test('the options are the rows in camelCase', () => {
  type First<P> = P extends `${infer G}.${string}` ? G : P
  type Rest<G extends string, P> = P extends `${G}.${infer R}` ? First<R> : never
  type Names<P extends string> = OptionName<P>
  type Path = keyof typeof httpClientFields
  expectTypeOf<keyof HttpClientOptions>().toEqualTypeOf<Names<First<Path> & string>>()
  expectTypeOf<keyof BasicAuthOptions>().toEqualTypeOf<Names<Rest<'basic_auth', Path>>>()
  expectTypeOf<keyof AuthorizationOptions>().toEqualTypeOf<Names<Rest<'authorization', Path>>>()
  expectTypeOf<keyof TlsOptions>().toEqualTypeOf<Names<Rest<'tls_config', Path>>>()
  expectTypeOf<keyof OAuth2Options>().toEqualTypeOf<Names<Rest<'oauth2', Path>>>()
  expectTypeOf<keyof SigV4Options>().toEqualTypeOf<Names<Rest<'sigv4', Path>>>()
  expectTypeOf<keyof AzureAdOptions>().toEqualTypeOf<Names<Rest<'azuread', Path>>>()
  for (const path of Object.keys(httpClientFields)) {
    const name = optionName(path)
    const options = name.split('.').reduceRight<unknown>((value, each) => ({ [each]: value }), Symbol('never right'))
    expect(messageOf(options), path).toMatch(new RegExp(`^the options are wrong:\\s+${name}: .* not a symbol`))
  }
})

test('the first row of each group is a plain text, so that it can say that the group is there', () => {
  const rows = Object.entries<SettingSpec>(httpClientFields)
  const groups = new Set(
    rows.flatMap(([path]) =>
      path
        .split('.')
        .slice(0, -1)
        .map((_, i, names) => names.slice(0, i + 1).join('.')),
    ),
  )
  for (const group of groups)
    expect(rows.find(([path]) => path.startsWith(`${group}.`))?.[1].type, group).toBe('string')
})

/** A value that the row takes, if it holds secrets. */
const secretValue = (spec: SettingSpec, text: string): unknown => {
  if (spec.type === 'secret') return text
  if (spec.type === 'http_headers') return { 'X-A': { secrets: [text] } }
  if (spec.type === 'map') return { 'X-A': spec.of === 'secret' ? text : [text] }
  return undefined
}

test('no secret is printed: not of settings, not in errors', () => {
  let count = 0
  for (const [path, spec] of Object.entries<SettingSpec>(httpClientFields)) {
    const value = secretValue(spec, 'http://u:hunter2@h')
    if (value === undefined) continue
    count++
    const nest = (content: unknown) =>
      optionName(path)
        .split('.')
        .reduceRight<unknown>((inner, each) => ({ [each]: inner }), content)
    for (const wrong of [
      nest([value, 5]),
      nest({ a: value, b: { c: value } }),
      nest(value),
      { ...(nest(value) as object), basicAuth: { x: 1 } },
    ])
      expect(messageOf(wrong), path).not.toContain('hunter2')
  }
  expect(count).toBe(16)
  const settings = readHttpClientOptions({
    basicAuth: { username: 'u', password: 'hunter2' },
    proxyUrl: 'http://u:hunter2@h',
    proxyConnectHeader: { a: ['hunter2'] },
    headers: { a: 'hunter2' },
    httpHeaders: { b: { secrets: ['hunter2'] } },
    tlsConfig: { cert: 'c', key: 'hunter2' },
  })
  for (const shown of [
    JSON.stringify(settings),
    inspect(settings, { depth: 9, showHidden: true }),
    String(settings.proxy.url),
  ])
    expect(shown).not.toContain('hunter2')
})

test('law: any object gives settings or the one error', () => {
  const names = [...new Set(Object.keys(httpClientFields).flatMap((path) => optionName(path).split('.')))]
  const value = fc.anything({ key: fc.constantFrom(...names, '__proto__', 'values'), maxDepth: 4, withBigInt: true })
  fc.assert(
    fc.property(fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value)), (options) => void messageOf(options)),
    { numRuns: 300 },
  )
})
