// The rules of prometheus/sigv4's SigV4Config and of Prometheus's azuread. Tenant ids are held to the pattern that
// Prometheus means to hold them to (it drops the outcome of the match).

import type { ClientProblem, ClientRule } from './client-rule.ts'
import type { ClientValues } from './client-values.ts'

/** The four spellings that Go's uuid.Parse takes. */
const isUuid = (text: string): boolean => {
  const plain = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
  return new RegExp(`^(?:(?:urn:uuid:)?${plain}|\\{${plain}\\}|[0-9a-f]{32})$`, 'i').test(text)
}
const isTenant = (text: string): boolean => /^[0-9a-zA-Z\-.]+$/.test(text)

export const sigv4Rules: readonly ClientRule[] = [
  (values) => {
    const [id, secret] = ['sigv4.access_key', 'sigv4.secret_key'] as const
    if (values.isSet(id) === values.isSet(secret)) return undefined
    return {
      path: values.isSet(id) ? id : secret,
      message: 'must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config',
      hint: 'set both or neither',
    }
  },
  (values) =>
    values.isSet('sigv4.external_id') && !values.isSet('sigv4.role_arn')
      ? {
          path: 'sigv4.external_id',
          message: 'external_id can only be used with role_arn',
          hint: 'add `sigv4.role_arn`, or take this out',
        }
      : undefined,
]

const methods = ['managed_identity', 'workload_identity', 'oauth', 'sdk'] as const
const methodsOf = (values: ClientValues): readonly string[] =>
  methods.map((name) => `azuread.${name}`).filter((group) => values.hasGroup(group))

/** A row that must be given, and fit. */
function row(
  values: ClientValues,
  path: string,
  name: string,
  isFit: (text: string) => boolean,
  isNeeded: boolean,
): ClientProblem | undefined {
  const text = values.text(path)
  const key = path.split('.').at(-1) as string
  if (text === '') {
    const message = `must provide an ${name} ${key} in the Azure AD config`
    return isNeeded ? { path: path.slice(0, path.lastIndexOf('.')), message, hint: `add \`${path}\`` } : undefined
  }
  if (isFit(text)) return undefined
  const hint = isFit === isUuid ? 'write a UUID' : 'write a UUID or a domain name'
  return { path, message: `the provided ${name} ${key} is invalid`, hint }
}

const azureRow =
  (group: string, key: string, name: string, isFit: (text: string) => boolean, isNeeded: boolean): ClientRule =>
  (values) =>
    values.hasGroup(`azuread.${group}`) ? row(values, `azuread.${group}.${key}`, name, isFit, isNeeded) : undefined

const anyText = (): boolean => true

export const azureAdRules: readonly ClientRule[] = [
  (values) =>
    ['', 'AzurePublic', 'AzureChina', 'AzureGovernment'].includes(values.text('azuread.cloud'))
      ? undefined
      : {
          path: 'azuread.cloud',
          message: 'must provide a cloud in the Azure AD config',
          hint: 'the clouds are AzurePublic, AzureChina, AzureGovernment',
        },
  (values) => {
    if (!values.hasGroup('azuread')) return undefined
    const given = methodsOf(values)
    const hint = `keep one of ${methods.join(', ')}`
    if (given.length > 1) {
      const message = 'cannot provide multiple authentication methods in the Azure AD config'
      return { path: given[1] as string, message, hint }
    }
    const message =
      'must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure SDK in the Azure AD config'
    return given.length === 1 ? undefined : { path: 'azuread', message, hint: `add one of ${methods.join(', ')}` }
  },
  azureRow('managed_identity', 'client_id', 'Azure Managed Identity', isUuid, false),
  azureRow('workload_identity', 'client_id', 'Azure Workload Identity', isUuid, true),
  azureRow('workload_identity', 'tenant_id', 'Azure Workload Identity', isUuid, true),
  azureRow('oauth', 'client_id', 'Azure OAuth', isUuid, true),
  azureRow('oauth', 'client_secret', 'Azure OAuth', anyText, true),
  azureRow('oauth', 'tenant_id', 'Azure OAuth', isTenant, true),
  azureRow('sdk', 'tenant_id', 'Azure SDK', isTenant, false),
  (values) => {
    const scope = values.text('azuread.scope')
    if (scope === '' || /^[\w\s:/.-]+$/.test(scope)) return undefined
    const message = 'the provided scope contains invalid characters'
    return { path: 'azuread.scope', message, hint: 'allowed are letters, digits, blanks and : / . - _' }
  },
]
