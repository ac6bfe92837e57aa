// The library's options for an HTTP client: the rows in camelCase, nested. Secrets may be texts or `Secret`s. Nothing
// here may load the YAML reader.

import { invalidOptions } from '../invalid-options.ts'
import { optionName } from '../option-name.ts'
import { type OptionProblem, optionTable, readOptions } from '../read-options.ts'
import type { Secret } from '../secret.ts'
import { markGroups } from './client-values.ts'
import { httpClientFields } from './http-client-fields.ts'
import { checkHttpClient } from './http-client-rules.ts'
import type { HttpClientSettings, TlsVersion } from './http-client-settings.ts'
import { settleHttpClient } from './settle-http-client.ts'

/** Of a text, the file that holds it, and its name in a secret manager (there is none: an error), at most one. */
export interface BasicAuthOptions {
  readonly username?: string | undefined
  /** File that holds the user name; read again whenever it changes. */
  readonly usernameFile?: string | undefined
  readonly usernameRef?: string | undefined
  readonly password?: string | Secret | undefined
  /** File that holds the password; read again whenever it changes. */
  readonly passwordFile?: string | undefined
  readonly passwordRef?: string | undefined
}

export interface AuthorizationOptions {
  /** Default `Bearer`; not `Basic`. */
  readonly type?: string | undefined
  readonly credentials?: string | Secret | undefined
  /** File that holds the credentials; read again whenever it changes. */
  readonly credentialsFile?: string | undefined
  readonly credentialsRef?: string | undefined
}

/** Certificates and keys are PEM: the text itself, or a file that is read again whenever it changes. */
export interface TlsOptions {
  /** The only authorities trusted. Default: the system's. */
  readonly ca?: string | undefined
  readonly caFile?: string | undefined
  readonly caRef?: string | undefined
  /** The client's certificate; with its key or not at all. */
  readonly cert?: string | undefined
  readonly certFile?: string | undefined
  readonly certRef?: string | undefined
  readonly key?: string | Secret | undefined
  readonly keyFile?: string | undefined
  readonly keyRef?: string | undefined
  /** Default: the URL's host. */
  readonly serverName?: string | undefined
  /** Default false. */
  readonly insecureSkipVerify?: boolean | undefined
  /** Default TLS12. */
  readonly minVersion?: TlsVersion | undefined
  /** Not below `minVersion`. */
  readonly maxVersion?: TlsVersion | undefined
}

export interface OutboundProxyOptions {
  /** http, https or socks5 URL; user and password in it sign in to the proxy. */
  readonly proxyUrl?: string | Secret | undefined
  /** Hosts, domains, addresses and networks that are reached without the proxy, comma-separated. */
  readonly noProxy?: string | undefined
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY decide. Default false. */
  readonly proxyFromEnvironment?: boolean | undefined
  /** Headers of CONNECT requests. */
  readonly proxyConnectHeader?: Readonly<Record<string, readonly (string | Secret)[] | undefined>> | undefined
}

/** The token server is reached with TLS and proxy settings of its own. */
export interface OAuth2Options extends OutboundProxyOptions {
  readonly clientId: string
  readonly clientSecret?: string | Secret | undefined
  /** File that holds the secret; read again whenever it changes. */
  readonly clientSecretFile?: string | undefined
  readonly clientSecretRef?: string | undefined
  readonly clientCertificateKeyId?: string | undefined
  readonly clientCertificateKey?: string | Secret | undefined
  readonly clientCertificateKeyFile?: string | undefined
  readonly clientCertificateKeyRef?: string | undefined
  /** Default `client_credentials`; `urn:ietf:params:oauth:grant-type:jwt-bearer` signs with the certificate key. */
  readonly grantType?: string | undefined
  /** RS256 (default), RS384 or RS512. */
  readonly signatureAlgorithm?: string | undefined
  /** Default `clientId`. */
  readonly iss?: string | undefined
  /** Default `tokenUrl`. */
  readonly audience?: string | undefined
  /** Further claims of the assertion: what JSON can say, at most 32 deep. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  readonly scopes?: readonly string[] | undefined
  /** http or https URL. */
  readonly tokenUrl: string
  readonly endpointParams?: Readonly<Record<string, string | Secret | undefined>> | undefined
  readonly tlsConfig?: TlsOptions | undefined
}

/** prometheus/sigv4. Without keys the AWS SDK's own chain finds credentials. */
export interface SigV4Options {
  /** Default: the environment's or the profile's. */
  readonly region?: string | undefined
  /** With `secretKey` or not at all. */
  readonly accessKey?: string | undefined
  readonly secretKey?: string | Secret | undefined
  readonly profile?: string | undefined
  readonly roleArn?: string | undefined
  /** Needs `roleArn`. */
  readonly externalId?: string | undefined
  /** Default false. */
  readonly useFipsStsEndpoint?: boolean | undefined
  /** Default `aps`. */
  readonly serviceName?: string | undefined
}

/** Exactly one of the four ways to get a token. */
export interface AzureAdOptions {
  /** AzurePublic (default), AzureChina or AzureGovernment. */
  readonly cloud?: string | undefined
  /** Default: the cloud's ingestion audience. */
  readonly scope?: string | undefined
  readonly managedIdentity?: { readonly clientId?: string | undefined } | undefined
  readonly oauth?:
    | { readonly clientId: string; readonly clientSecret: string | Secret; readonly tenantId: string }
    | undefined
  readonly sdk?: { readonly tenantId?: string | undefined } | undefined
  readonly workloadIdentity?:
    | {
        readonly clientId: string
        readonly tenantId: string
        /** Default: AZURE_FEDERATED_TOKEN_FILE, else /var/run/secrets/azure/tokens/azure-identity-token. */
        readonly tokenFilePath?: string | undefined
      }
    | undefined
}

export interface HttpHeaderOptions {
  readonly values?: readonly string[] | undefined
  readonly secrets?: readonly (string | Secret)[] | undefined
  /** Files that hold a value each; read again whenever they change. */
  readonly files?: readonly string[] | undefined
}

/**
 * prometheus/common's HTTPClientConfig and what remote_write adds to it. Of `basicAuth`, `authorization`, `oauth2`,
 * `bearerToken(File)`, `sigv4`, `azuread` and `googleIam` at most one. Relative paths start in the working directory.
 */
export interface HttpClientOptions extends OutboundProxyOptions {
  readonly basicAuth?: BasicAuthOptions | undefined
  readonly authorization?: AuthorizationOptions | undefined
  readonly oauth2?: OAuth2Options | undefined
  /** Older name of `authorization.credentials`. */
  readonly bearerToken?: string | Secret | undefined
  /** Older name of `authorization.credentialsFile`. */
  readonly bearerTokenFile?: string | undefined
  readonly sigv4?: SigV4Options | undefined
  readonly azuread?: AzureAdOptions | undefined
  /** Without a file: application default credentials. */
  readonly googleIam?: { readonly credentialsFile?: string | undefined } | undefined
  readonly tlsConfig?: TlsOptions | undefined
  /** Default true. A POST stays a POST; credentials go to no other host. */
  readonly followRedirects?: boolean | undefined
  /** Default false. */
  readonly enableHttp2?: boolean | undefined
  /** Headers that are added to those that a request has; not those that belong to the protocol. */
  readonly httpHeaders?: Readonly<Record<string, HttpHeaderOptions | undefined>> | undefined
  /** Headers that replace those that a request has; not `Authorization` nor those that belong to the protocol. */
  readonly headers?: Readonly<Record<string, string | Secret | undefined>> | undefined
  /** Host names are looked up for each connection, and their addresses taken in turn. Default false. */
  readonly roundRobinDns?: boolean | undefined
}

const table = optionTable(httpClientFields)

/** Names of rows in what the rules say, as the options have them. */
const inCamelCase = (hint: string): string => hint.replace(/`[a-z0-9_.]+`/g, optionName)

/**
 * Checks options and fills in the defaults. Unknown names are problems.
 * Throws SluiceError CONFIG_INVALID with all problems in its text, which shows no secret.
 */
export function readHttpClientOptions(options: HttpClientOptions = {}): HttpClientSettings {
  const problems: OptionProblem[] = []
  const { values, failed, groups } = readOptions(table, options, problems)
  markGroups(values, failed, groups, httpClientFields)
  for (const { path, part, message, hint } of checkHttpClient(values, failed)) {
    const name = optionName(path) + (part === undefined ? '' : `.${part}`)
    problems.push({ name, message, hint: inCamelCase(hint) })
  }
  if (problems.length > 0) throw invalidOptions(problems)
  return settleHttpClient(values)
}
