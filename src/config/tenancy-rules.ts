// The rules of tenancy that involve more than one setting, for the proxy and the library alike. Each is left out while
// a setting that it looks at could not be read, so that one mistake makes one finding.

import { quoted } from './diagnostics.ts'
import { compileGlobs, globProblem } from './glob.ts'
import type { TenancyPath } from './tenancy-fields.ts'
import type { TenancySettings } from './tenancy-settings.ts'
import { maxTenantIdBytes, tenantIdPartProblem, tenantIdProblem } from './tenant-id.ts'

/** A finding about a setting, or about one `part` of it: an item's index, or `index.headers.name` of an override. */
export interface TenancyFinding {
  readonly severity: 'error' | 'warning'
  readonly path: TenancyPath
  readonly part?: string
  readonly message: string
  readonly hint: string
}

/** What a setting is called where the finding is read. */
type NameOf = (path: TenancyPath) => string

interface Rule {
  readonly looksAt: readonly TenancyPath[]
  readonly check: (tenancy: TenancySettings, nameOf: NameOf) => readonly TenancyFinding[]
}

const none: readonly TenancyFinding[] = []

const allowedText = "allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * ' ( ), prefix included"

const validPrefix: Rule = {
  looksAt: ['tenancy.prefix'],
  check({ prefix }) {
    const problem = tenantIdPartProblem(prefix, maxTenantIdBytes - 1)
    if (problem === undefined) return none
    const message = `with the prefix ${quoted(prefix)} no tenant id is valid: ${problem}`
    return [{ severity: 'error', path: 'tenancy.prefix', message, hint: allowedText }]
  },
}

const validDefault: Rule = {
  looksAt: ['tenancy.default', 'tenancy.prefix'],
  check({ prefix, default: tenant }) {
    if (tenant === '' || tenantIdPartProblem(prefix, maxTenantIdBytes - 1) !== undefined) return none
    const id = prefix + tenant
    const problem = tenantIdProblem(id)
    if (problem === undefined) return none
    const message = `the default tenant ${quoted(id)} is no valid tenant id: ${problem}`
    return [{ severity: 'error', path: 'tenancy.default', message, hint: allowedText }]
  },
}

const defaultIsAllowed: Rule = {
  looksAt: ['tenancy.allow', 'tenancy.deny', 'tenancy.default', 'tenancy.prefix', 'tenancy.prefix_from_header'],
  check({ allow, deny, default: tenant, prefix, prefixFromHeader }, nameOf) {
    // With a prefix from the sender the final id is known only when a request comes.
    if (tenant === '' || prefixFromHeader !== '') return none
    if ([...allow, ...deny].some((pattern) => globProblem(pattern) !== undefined)) return none
    const id = prefix + tenant
    const findings: TenancyFinding[] = []
    if (allow.length > 0 && !compileGlobs(allow)(id)) {
      const list = `\`${nameOf('tenancy.allow')}\``
      const message = `the default tenant ${quoted(id)} is not among those that ${list} allows`
      const hint = `add it to ${list}, or choose another default`
      findings.push({ severity: 'error', path: 'tenancy.default', message, hint })
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
  looksAt: ['tenancy.on_invalid', 'tenancy.metadata', 'tenancy.default'],
  check(tenancy, nameOf) {
    if (tenancy.default !== '') return none
    const findings: TenancyFinding[] = []
    const hint = `set \`${nameOf('tenancy.default')}\``
    if (tenancy.onInvalid === 'default') {
      const message = 'there is no default tenant that invalid ones could go to'
      findings.push({ severity: 'error', path: 'tenancy.on_invalid', message, hint })
    }
    if (tenancy.metadata === 'default') {
      const message = 'there is no default tenant, so that all metadata is dropped'
      findings.push({ severity: 'warning', path: 'tenancy.metadata', message, hint })
    }
    return findings
  },
}

/** What to say of a header that names the tenant; every setting of headers is held to it. */
export const tenantHeaderProblem = (name: string): string =>
  `the header ${quoted(name)} carries the tenant and cannot be set`

const tenantHeaderIsOurs: Rule = {
  looksAt: ['tenancy.override', 'tenancy.header'],
  check(tenancy, nameOf) {
    const header = tenancy.header.toLowerCase()
    const hint = `it is the one that \`${nameOf('tenancy.header')}\` names`
    const inside = (index: number, field: string, headers: object = {}): readonly TenancyFinding[] =>
      Object.keys(headers)
        .filter((name) => name.toLowerCase() === header)
        .map((name) => {
          const part = `${index}.${field}.${name}`
          return { severity: 'error', path: 'tenancy.override', part, message: tenantHeaderProblem(name), hint }
        })
    return tenancy.override.flatMap(({ headers, client }, index) => [
      ...inside(index, 'headers', headers),
      ...inside(index, 'http_headers', client?.httpHeaders),
    ])
  },
}

const rules: readonly Rule[] = [validPrefix, validDefault, defaultIsAllowed, needsDefault, tenantHeaderIsOurs]

/** Everything that is wrong between the settings of a tenancy; `hasFailed` tells which could not be read. */
export function checkTenancy(
  tenancy: TenancySettings,
  hasFailed: (path: TenancyPath) => boolean,
  nameOf: NameOf,
): readonly TenancyFinding[] {
  return rules.filter((rule) => !rule.looksAt.some(hasFailed)).flatMap((rule) => rule.check(tenancy, nameOf))
}
