// The rules that involve more than one setting. Each names the settings that it looks at, and is left out while one of
// them could not be read, so that one mistake makes one diagnostic.

import { checkHttpClient } from './http-client/http-client-rules.ts'
import { authKeys } from './http-client/settle-auth.ts'
import { settlePart } from './http-client/settle-http-client.ts'
import { clientRows } from './proxy-client.ts'
import { resolveTenancy } from './proxy-settings.ts'
import { queueFindings } from './queue-rules.ts'
import { type SettingPath, type Settings, settingPaths, specOf } from './settings.ts'
import type { TenancyPath } from './tenancy-fields.ts'
import { checkTenancy, tenantHeaderProblem } from './tenancy-rules.ts'

/** A finding about a setting, or about one `part` of it (see Origin). */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: SettingPath
  readonly part?: string
  readonly message: string
  readonly hint?: string
}

interface Rule {
  readonly looksAt: readonly SettingPath[]
  readonly check: (settings: Settings) => readonly Finding[]
}

const none: readonly Finding[] = []

const wholeBasicAuth: Rule = {
  looksAt: ['auth.egress.username', 'auth.egress.password'],
  check(settings) {
    const username = settings['auth.egress.username']
    const password = settings['auth.egress.password']
    if (username !== '' && password === '') {
      const message = 'there is a user name but no password'
      return [{ severity: 'error', path: 'auth.egress.username', message, hint: 'set `auth.egress.password`' }]
    }
    if (username !== '' || password === '') return none
    const message = 'there is a password but no user name, so that requests go without either'
    return [{ severity: 'warning', path: 'auth.egress.password', message, hint: 'set `auth.egress.username`' }]
  },
}

const wholeKeyPair: Rule = {
  looksAt: ['auth.ingress.tls_config.cert_file', 'auth.ingress.tls_config.key_file'],
  check(settings) {
    const files = ['auth.ingress.tls_config.cert_file', 'auth.ingress.tls_config.key_file'] as const
    const set = files.filter((path) => settings[path] !== '')
    if (set.length !== 1) return none
    const [path, other] = set[0] === files[0] ? files : ([files[1], files[0]] as const)
    const message = `\`${other}\` is not set, so that the push listener speaks plain HTTP, not HTTPS`
    return [{ severity: 'warning', path, message, hint: 'set both or neither' }]
  },
}

const roomForOne: Rule = {
  looksAt: ['receive.max_in_flight_bytes', 'receive.max_body_size'],
  check(settings) {
    const room = settings['receive.max_in_flight_bytes']
    if (room === undefined || room >= settings['receive.max_body_size']) return none
    const message = 'a body as long as `receive.max_body_size` allows never fits in this'
    return [
      { severity: 'warning', path: 'receive.max_in_flight_bytes', message, hint: 'make it several times as large' },
    ]
  },
}

const replacedBy = (path: SettingPath): readonly SettingPath[] => (specOf(path).replaces ?? []) as SettingPath[]

/** Findings about tenancy are placed at ct's key where that is what was set. */
function tenancyFindings(settings: Settings, failed: ReadonlySet<SettingPath>): readonly Finding[] {
  const hasFailed = (path: TenancyPath): boolean => [path, ...replacedBy(path)].some((each) => failed.has(each))
  return checkTenancy(resolveTenancy(settings, 'metrics'), hasFailed, (path) => path).map((finding) => ({
    ...finding,
    path: settings[finding.path] === undefined ? (replacedBy(finding.path)[0] ?? finding.path) : finding.path,
  }))
}

const clientPrefix = 'client.'
const inClient = (path: string): string => path.slice(clientPrefix.length)

/** The HTTP client's rules; a finding about a group is placed at the first of it that is set. */
function clientFindings(settings: Settings, failed: ReadonlySet<SettingPath>): readonly Finding[] {
  const failedRows = new Set([...failed].filter((path) => path.startsWith(clientPrefix)).map(inClient))
  const isGiven = (path: SettingPath): boolean => settings[path] !== undefined || failed.has(path)
  return checkHttpClient(clientRows(settings), failedRows).map(({ path, hint, ...finding }) => {
    const within = `${clientPrefix}${path}`
    const place = settingPaths.find((each) => (each === within || each.startsWith(`${within}.`)) && isGiven(each))
    const named = hint.replace(/`([a-z0-9_.]+)`/g, '`client.$1`')
    return { severity: 'error', path: place ?? 'client.basic_auth.username', hint: named, ...finding }
  })
}

/** Data would go to another tenant. */
const tenantHeaderIsOurs: Rule = {
  looksAt: ['client.headers', 'client.http_headers', 'tenancy.header', 'tenant.header'],
  check(settings) {
    const header = resolveTenancy(settings, 'metrics').header.toLowerCase()
    const hint = 'it is the one that `tenancy.header` names'
    return (['client.headers', 'client.http_headers'] as const).flatMap((path) =>
      Object.keys(settings[path] ?? {})
        .filter((name) => name.toLowerCase() === header)
        .map((name) => ({ severity: 'error', path, part: name, message: tenantHeaderProblem(name), hint }) as const),
    )
  },
}

/** ct's user and password, beside another way to sign in. */
function twoWaysToSignIn(settings: Settings): readonly Finding[] {
  if (settings['auth.egress.username'] === '') return none
  const client = settlePart(clientRows(settings))
  const other = authKeys.find((key) => key !== 'basicAuth' && client[key] !== undefined)
  if (other === undefined) return none
  const message = 'this is Basic auth, and the settings under `client` say to sign in otherwise'
  return [{ severity: 'error', path: 'auth.egress.username', message, hint: 'keep one of them' }]
}

const rules: readonly Rule[] = [wholeBasicAuth, wholeKeyPair, roomForOne, tenantHeaderIsOurs]

/** Everything that is wrong between settings; `failed` are those that could not be read. */
export function validate(settings: Settings, failed: ReadonlySet<SettingPath>): readonly Finding[] {
  const applicable = rules.filter((rule) => !rule.looksAt.some((path) => failed.has(path)))
  return [
    ...tenancyFindings(settings, failed),
    ...clientFindings(settings, failed),
    ...twoWaysToSignIn(settings),
    ...queueFindings(settings, failed),
    ...applicable.flatMap((rule) => rule.check(settings)),
  ]
}
