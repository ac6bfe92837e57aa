// The rules that involve more than one setting. Each names the settings that it looks at, and is left out while one of
// them could not be read, so that one mistake makes one diagnostic.

import { quoted } from './diagnostics.ts'
import { compileGlobs, globProblem } from './glob.ts'
import { resolveTenancy } from './proxy-settings.ts'
import type { SettingPath, Settings } from './settings.ts'
import type { TenancySettings } from './tenancy-settings.ts'
import { maxTenantIdBytes, tenantIdPartProblem, tenantIdProblem } from './tenant-id.ts'

/** A finding about a setting, or about one `part` of it (see Origin). */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: SettingPath
  readonly part?: string
  readonly message: string
  readonly hint?: string
}

interface Context {
  readonly settings: Settings
  readonly tenancy: TenancySettings
}

interface Rule {
  readonly looksAt: readonly SettingPath[]
  readonly check: (context: Context) => readonly Finding[]
}

const none: readonly Finding[] = []

const chosen = (context: Context, own: SettingPath, ct: SettingPath): SettingPath =>
  context.settings[own] === undefined ? ct : own
const defaultPath = (context: Context): SettingPath => chosen(context, 'tenancy.default', 'tenant.default')

const allowedText = "allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * ' ( ), prefix included"

const validPrefix: Rule = {
  looksAt: ['tenancy.prefix', 'tenant.prefix'],
  check(context) {
    const { prefix } = context.tenancy
    const problem = tenantIdPartProblem(prefix, maxTenantIdBytes - 1)
    if (problem === undefined) return none
    const path = chosen(context, 'tenancy.prefix', 'tenant.prefix')
    const message = `with the prefix ${quoted(prefix)} no tenant id is valid: ${problem}`
    return [{ severity: 'error', path, message, hint: allowedText }]
  },
}

const validDefault: Rule = {
  looksAt: ['tenancy.default', 'tenant.default', 'tenancy.prefix', 'tenant.prefix'],
  check(context) {
    const { prefix, default: tenant } = context.tenancy
    if (tenant === '' || tenantIdPartProblem(prefix, maxTenantIdBytes - 1) !== undefined) return none
    const id = prefix + tenant
    const problem = tenantIdProblem(id)
    if (problem === undefined) return none
    const message = `the default tenant ${quoted(id)} is no valid tenant id: ${problem}`
    return [{ severity: 'error', path: defaultPath(context), message, hint: allowedText }]
  },
}

const defaultIsAllowed: Rule = {
  looksAt: [
    'tenancy.allow',
    'tenancy.deny',
    'tenancy.default',
    'tenant.default',
    'tenancy.prefix',
    'tenant.prefix',
    'tenancy.prefix_from_header',
  ],
  check(context) {
    const { allow, deny, default: tenant, prefix, prefixFromHeader } = context.tenancy
    // With a prefix from the sender the final id is known only when a request comes.
    if (tenant === '' || prefixFromHeader !== '') return none
    if ([...allow, ...deny].some((pattern) => globProblem(pattern) !== undefined)) return none
    const id = prefix + tenant
    const findings: Finding[] = []
    const path = defaultPath(context)
    if (allow.length > 0 && !compileGlobs(allow)(id)) {
      const message = `the default tenant ${quoted(id)} is not among those that \`tenancy.allow\` allows`
      findings.push({ severity: 'error', path, message, hint: 'add it to `tenancy.allow`, or choose another default' })
    }
    const denying = deny.findIndex((pattern) => compileGlobs([pattern])(id))
    if (denying >= 0) {
      const message = `this denies the default tenant ${quoted(id)}`
      const hint = 'narrow the pattern, or choose another default'
      findings.push({ severity: 'error', path: 'tenancy.deny', part: String(denying), message, hint })
    }
    return findings
  },
}

const needsDefault: Rule = {
  looksAt: ['tenancy.on_invalid', 'tenancy.metadata', 'tenancy.default', 'tenant.default'],
  check({ settings, tenancy }) {
    if (tenancy.default !== '') return none
    const findings: Finding[] = []
    const hint = 'set `tenancy.default`'
    if (tenancy.onInvalid === 'default') {
      const message = 'there is no default tenant that invalid ones could go to'
      findings.push({ severity: 'error', path: 'tenancy.on_invalid', message, hint })
    }
    if (settings['tenancy.metadata'] === 'default') {
      const message = 'there is no default tenant, so that all metadata is dropped'
      findings.push({ severity: 'warning', path: 'tenancy.metadata', message, hint })
    }
    return findings
  },
}

const tenantHeaderIsOurs: Rule = {
  looksAt: ['tenancy.override', 'tenancy.header', 'tenant.header'],
  check({ tenancy }) {
    const header = tenancy.header.toLowerCase()
    return tenancy.override.flatMap((override, index) =>
      Object.keys(override.headers ?? {})
        .filter((name) => name.toLowerCase() === header)
        .map((name) => ({
          severity: 'error' as const,
          path: 'tenancy.override' as const,
          part: `${index}.headers.${name}`,
          message: `the header ${quoted(name)} carries the tenant and cannot be set`,
          hint: 'it is the one that `tenancy.header` names',
        })),
    )
  },
}

const wholeBasicAuth: Rule = {
  looksAt: ['auth.egress.username', 'auth.egress.password'],
  check({ settings }) {
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
  check({ settings }) {
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
  check({ settings }) {
    const room = settings['receive.max_in_flight_bytes']
    if (room === undefined || room >= settings['receive.max_body_size']) return none
    const message = 'a body as long as `receive.max_body_size` allows never fits in this'
    return [
      { severity: 'warning', path: 'receive.max_in_flight_bytes', message, hint: 'make it several times as large' },
    ]
  },
}

const rules: readonly Rule[] = [
  validPrefix,
  validDefault,
  defaultIsAllowed,
  needsDefault,
  tenantHeaderIsOurs,
  wholeBasicAuth,
  wholeKeyPair,
  roomForOne,
]

/** Everything that is wrong between settings; `failed` are those that could not be read. */
export function validate(settings: Settings, failed: ReadonlySet<SettingPath>): readonly Finding[] {
  const context: Context = { settings, tenancy: resolveTenancy(settings, 'metrics') }
  return rules.filter((rule) => !rule.looksAt.some((path) => failed.has(path))).flatMap((rule) => rule.check(context))
}
