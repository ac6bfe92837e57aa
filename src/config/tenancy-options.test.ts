import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import { SluiceError } from '../errors.ts'
import { type OptionName, optionName } from './option-name.ts'
import { type TenancyPath, tenancyFields } from './tenancy-fields.ts'
import { type RateLimitOptions, readTenancyOptions, type TenancyOptions } from './tenancy-options.ts'
import { defaultTenancy, type TenancySettings } from './tenancy-settings.ts'

const check = (options: TenancyOptions, want: Partial<TenancySettings>) =>
  expect(readTenancyOptions(options)).toEqual({ ...defaultTenancy, ...want })
const refused = (options: unknown, text: string) => {
  try {
    readTenancyOptions(options as TenancyOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: `the options are wrong:${text}` })
    return
  }
  expect.fail(`accepted, not ${text}`)
}

test('defaults, and every option', () => {
  expect(readTenancyOptions()).toEqual(defaultTenancy)
  check({ labels: undefined, rateLimit: {} }, {})
  check(
    {
      labels: ['team', 'namespace'],
      default: 'shared',
      onMissing: 'drop',
      onInvalid: 'default',
      keepLabel: true,
      prefix: 'p-',
      prefixFromHeader: 'X-Prefix',
      header: 'X-Tenant',
      allow: ['p-*'],
      deny: ['p-x'],
      strict: true,
      metadata: 'broadcast',
      maxTenants: 5,
      maxTenantsPerRequest: 6,
      idleTimeout: '1h30m',
      maxInFlightPerTenant: 7,
      rateLimit: { samplesPerSecond: 8, burst: 9 },
      override: [
        {
          tenants: ['p-big'],
          url: 'https://big/push',
          headers: { 'X-A': '1', Authorization: 'Bearer x', 'X-B': undefined },
          remoteTimeout: 1500,
          rateLimit: { burst: 3 },
          sendExemplars: false,
          sendNativeHistograms: true,
        },
        { tenants: ['*'] },
      ],
    },
    {
      labels: ['team', 'namespace'],
      default: 'shared',
      onMissing: 'drop',
      onInvalid: 'default',
      keepLabel: true,
      prefix: 'p-',
      prefixFromHeader: 'X-Prefix',
      header: 'X-Tenant',
      allow: ['p-*'],
      deny: ['p-x'],
      strict: true,
      metadata: 'broadcast',
      maxTenants: 5,
      maxTenantsPerRequest: 6,
      idleTimeoutMs: 5_400_000,
      maxInFlightPerTenant: 7,
      rateLimit: { samplesPerSecond: 8, burst: 9 },
      override: [
        {
          tenants: ['p-big'],
          url: 'https://big/push',
          headers: { 'X-A': '1', Authorization: 'Bearer x' },
          remoteTimeoutMs: 1500,
          rateLimit: { samplesPerSecond: 0, burst: 3 },
          sendExemplars: false,
          sendNativeHistograms: true,
        },
        { tenants: ['*'] },
      ],
    },
  )
  check({ idleTimeout: 60_000 }, { idleTimeoutMs: 60_000 })
})

test('the options are the rows in camelCase', () => {
  type First<P> = P extends `tenancy.${infer Name}` ? (Name extends `${infer Group}.${string}` ? Group : Name) : never
  expectTypeOf<keyof TenancyOptions>().toEqualTypeOf<OptionName<First<TenancyPath>>>()
  type Limit<P> = P extends `tenancy.rate_limit.${infer Name}` ? Name : never
  expectTypeOf<keyof RateLimitOptions>().toEqualTypeOf<OptionName<Limit<TenancyPath>>>()
  for (const path of Object.keys(tenancyFields)) {
    const names = optionName(path).split('.').slice(1)
    const options = names.reduceRight<unknown>((value, name) => ({ [name]: value }), Symbol('never right'))
    expect(() => readTenancyOptions(options as TenancyOptions), path).toThrow(`${names.join('.')}: `)
  }
})

test('wrong types, bounds and names', () => {
  refused({ labels: 'team' }, ' labels: a list belongs here, not a text (write [a, b])')
  refused({ labels: [] }, ' labels: the list needs at least 1 item (write the name of a label, such as team)')
  refused(
    { labels: ['a', 5] },
    ' labels[1]: a text belongs here, not a number (write the name of a label, such as team)',
  )
  refused({ keepLabel: 'true' }, ' keepLabel: true or false belongs here, not a text')
  refused({ maxTenants: 0 }, ' maxTenants: 0 is too little; at least 1 (write 1 to 1000000)')
  refused({ maxTenants: 1.5 }, ' maxTenants: 1.5 is not a whole number')
  refused({ maxTenants: Number.NaN }, ' maxTenants: NaN is not a whole number')
  refused({ idleTimeout: 5 }, ' idleTimeout: 5ms is too little; at least 1s (write 1s to 480h)')
  refused({ idleTimeout: null }, ' idleTimeout: a duration belongs here, not null')
  refused(
    { metadata: 'keep' },
    ' metadata: "keep" is not one of the values (the values are follow, broadcast, default, drop)',
  )
  refused({ rateLimit: 5 }, ' rateLimit: an object belongs here, not a number')
  refused(
    { rateLimit: { samplesPerSec: 5 } },
    ' rateLimit: unknown option "samplesPerSec" (did you mean `samplesPerSecond`?)',
  )
  refused({ keep_label: true }, ' unknown option "keep_label" (did you mean `keepLabel`?)')
  refused(
    { header: 'Content-Type' },
    ' header: the header `Content-Type` is reserved (write a name such as X-Scope-OrgID)',
  )
  refused('labels', ' an object belongs here, not a text')
  refused(null, ' an object belongs here, not null')
})

test('the rules of the proxy', () => {
  refused(
    { default: 'a|b', onInvalid: 'drop' },
    ' default: the default tenant "a|b" is no valid tenant id: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * \' ( )' +
      " (allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * ' ( ), prefix included)",
  )
  refused(
    { onInvalid: 'default' },
    ' onInvalid: there is no default tenant that invalid ones could go to (set `default`)',
  )
  refused(
    { default: 'a', allow: ['b'], deny: ['x', 'a'] },
    '\n  default: the default tenant "a" is not among those that `allow` allows (add it to `allow`, or choose another default)' +
      '\n  deny[1]: this denies the default tenant "a" (narrow the pattern, or choose another default)',
  )
})

test('overrides', () => {
  const one = (override: unknown, text: string) => refused({ override: [{ tenants: ['a'] }, override] }, text)
  refused({ override: { tenants: [] } }, ' override: a list belongs here (write [{ tenants: […], … }])')
  one({}, " override[1]: an override needs `tenants` (add tenants: ['team-*'])")
  one(
    { tenants: ['\\'] },
    ' override[1].tenants[0]: the pattern ends in a single \\, which escapes nothing (write an id, or a part of one with *, such as team-*)',
  )
  one({ tenants: ['a'], url: 'mimir:80' }, ' override[1].url: the URL needs its scheme: http or https')
  one(
    { tenants: ['a'], url: 'http://u:hunter2@h/' },
    ' override[1].url: user and password have no place in this URL; set the header Authorization instead',
  )
  one(
    { tenants: ['a'], url: 'ftp://u:hunter2@h/' },
    ' override[1].url: "ftp://u:xxxxx@h/": only http and https URLs can be sent to (write a URL such as http://mimir:8080/api/v1/push)',
  )
  one(
    { tenants: ['a'], headers: { 'x-scope-orgid': 'b' } },
    ' override[1].headers.x-scope-orgid: the header "x-scope-orgid" carries the tenant and cannot be set (it is the one that `header` names)',
  )
  one(
    { tenants: ['a'], headers: { 'X-A': 'hunter2\n' } },
    ' override[1].headers.X-A: the value contains a line break or another character that no header value may have (write one line of printable text)',
  )
  one(
    { tenants: ['a'], headers: { Host: 'h' } },
    ' override[1].headers.Host: the header `Host` is reserved (take it out, or choose another header)',
  )
  one(
    { tenants: ['a'], basicAuth: {} },
    ' override[1]: unknown option "basicAuth" (known are tenants, url, headers, remoteTimeout, sendExemplars, sendNativeHistograms, rateLimit)',
  )
  one(
    { tenants: ['a'], remoteTimeout: 0 },
    ' override[1].remoteTimeout: 0s is too little; at least 1ms (write 1ms to 596h31m23s647ms)',
  )
})

test('law: any object gives settings or the one error', () => {
  const names = Object.keys(tenancyFields).map((path) => optionName(path).split('.')[1] as string)
  const value = fc.anything({ key: fc.constantFrom(...names, 'tenants', 'url', 'headers', '__proto__'), maxDepth: 4 })
  fc.assert(
    fc.property(fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value)), (options) => {
      try {
        readTenancyOptions(options as TenancyOptions)
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
      }
    }),
    { numRuns: 300 },
  )
})
