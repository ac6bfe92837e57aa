// The two calls of AWS's Security Token Service that give credentials: AssumeRole, signed with the credentials one has,
// and AssumeRoleWithWebIdentity, for which a token of the cluster speaks.

import type { HttpRequest, Send } from '../../wire/message.ts'
import type { IssuedToken } from '../token-cache.ts'
import { askTokenServer, hostOf, masked, quotable, unavailable } from '../token-request.ts'
import { type AwsCredentials, signRequest } from './sign.ts'

export interface StsOptions {
  readonly tokenClient: Send
  readonly now: () => number
  /** Its endpoint; AWS_ENDPOINT_URL_STS goes first. */
  readonly env: NodeJS.ProcessEnv
  readonly region: string
  readonly fips: boolean
}

/** What the role is assumed for; the names are STS's own. */
export type StsParameters = Readonly<Record<string, string>>

/** `by`: whose credentials sign the call; absent: it is not signed. Throws SluiceError CREDENTIALS_UNAVAILABLE. */
export async function callSts(
  options: StsOptions,
  action: 'AssumeRole' | 'AssumeRoleWithWebIdentity',
  parameters: StsParameters,
  by?: AwsCredentials,
): Promise<IssuedToken<AwsCredentials>> {
  const { tokenClient, now, region } = options
  const what = `sigv4: ${action}`
  const url = endpointOf(options)
  const scope = { region, service: 'sts', at: now(), sendsBodyHash: false }
  const send: Send =
    by === undefined ? tokenClient : async (request: HttpRequest) => tokenClient(await signRequest(request, by, scope))
  const form = { Action: action, Version: '2011-06-15', ...parameters }
  const answer = await askTokenServer(send, { what, url, form })
  const element = elementsOf(Buffer.from(answer.body).toString('utf8'))
  if (answer.status !== 200) {
    const secrets = [parameters.WebIdentityToken ?? '', by?.secretAccessKey ?? '', by?.sessionToken ?? '']
    const said = [element('Code'), element('Message')].filter((text) => text !== undefined)
    const why = said.map((text) => quotable(masked(text, secrets)))
    throw unavailable(what, [`${hostOf(url)} answered ${answer.status}`, ...why].join(': '))
  }
  const accessKeyId = element('AccessKeyId')
  const secretAccessKey = element('SecretAccessKey')
  const sessionToken = element('SessionToken')
  const expiresAt = Date.parse(element('Expiration') ?? '')
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAt))
    throw unavailable(what, `the answer of ${hostOf(url)} holds no credentials that end`)
  return { value: { accessKeyId, secretAccessKey, sessionToken }, expiresAt }
}

/** Top-level domains of AWS's partitions, by how their regions begin. */
const partitions: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eusc-', 'amazonaws.eu'],
]

function endpointOf({ env, region, fips }: StsOptions): string {
  if (env.AWS_ENDPOINT_URL_STS) return env.AWS_ENDPOINT_URL_STS
  const domain = partitions.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com'
  // The US government's endpoints are FIPS ones under their plain name.
  const isFipsName = fips && !region.startsWith('us-gov-')
  return `https://sts${isFipsName ? '-fips' : ''}.${region}.${domain}/`
}

/** The text of an XML element by its name; STS's answers have each once, and no attributes on them. */
function elementsOf(xml: string): (name: string) => string | undefined {
  return (name) => {
    const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim()
    return text?.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: keyof typeof entities) => entities[entity])
  }
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const
