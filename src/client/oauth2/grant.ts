// What a token is asked for with, by grant and by where the client's credentials stand.

import { jwtBearer, type OAuth2Settings } from '../../config/http-client/http-client-settings.ts'
import { SluiceError } from '../../errors.ts'
import type { HttpRequest } from '../../wire/message.ts'
import { signAssertion } from './assertion.ts'

type Form = Readonly<Record<string, string>>

/** One way to ask. */
export interface Grant {
  readonly form: Form
  readonly headers: HttpRequest['headers']
  /** Never shown, whatever the server says. */
  readonly secrets: readonly string[]
}

/**
 * The ways in which to ask, to be tried in this order. `secret` is the client's, or the PEM of its key; `now` in ms. A
 * way throws SluiceError CREDENTIALS_UNAVAILABLE if the key can't be used. Throws SluiceError CONFIG_INVALID if
 * `endpoint_params` name a parameter of the grant's own; only grant_type may be overridden.
 */
export function grants(settings: OAuth2Settings, secret: string, now: () => number): readonly (() => Grant)[] {
  const { clientId, grantType, scopes, endpointParams } = settings
  const params = Object.fromEntries(Object.entries(endpointParams).map(([name, value]) => [name, value.reveal()]))
  const { grant_type: _, ...secretParams } = params
  if (grantType === jwtBearer) {
    const scope = scopes.join(' ')
    const own = { grant_type: jwtBearer, assertion: '', ...(scope !== '' && { scope }) }
    const form = withEndpointParams(own, params)
    return [
      () => {
        const assertion = signAssertion(settings, secret, now())
        return { form: { ...form, assertion }, headers: {}, secrets: [assertion, ...Object.values(secretParams)] }
      },
    ]
  }
  const own = { grant_type: 'client_credentials', ...(scopes.length > 0 && { scope: scopes.join(' ') }) }
  const form = withEndpointParams(own, params)
  const basic = Buffer.from(`${formEscape(clientId)}:${formEscape(secret)}`).toString('base64')
  const secrets = [secret, formEscape(secret), basic, ...Object.values(secretParams)]
  const client = { ...(clientId && { client_id: clientId }), ...(secret && { client_secret: secret }) }
  return [
    () => ({ form, headers: { authorization: `Basic ${basic}` }, secrets }),
    () => ({ form: { ...form, ...client }, headers: {}, secrets }),
  ]
}

function withEndpointParams(own: Form, params: Form): Form {
  const taken = Object.keys(params).find((name) => name in own && name !== 'grant_type')
  if (taken === undefined) return { ...own, ...params }
  throw new SluiceError(
    'CONFIG_INVALID',
    `oauth2: cannot overwrite parameter ${JSON.stringify(taken)} by endpoint_params; it has a setting of its own`,
  )
}

/** Go's url.QueryEscape to the byte: a server may compare Basic credentials without decoding them. */
const formEscape = (text: string): string =>
  new URLSearchParams({ '': text }).toString().slice(1).replaceAll('*', '%2A').replaceAll('%7E', '~')
