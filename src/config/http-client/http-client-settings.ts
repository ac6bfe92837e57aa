// What an HTTP client is made from: checked, in camelCase, secrets wrapped. The rows that it is read from are in
// http-client-fields.ts; nothing downstream asks which file, variable or option a value came from.

import type { Secret, TextSource } from '../secret.ts'

/** As Prometheus writes them. */
export type TlsVersion = 'TLS10' | 'TLS11' | 'TLS12' | 'TLS13'

/** prometheus/common TLSConfig. */
export interface TlsSettings {
  /** PEM of the only authorities trusted; absent: the system's. */
  readonly ca?: TextSource
  /** PEM; with `key` or not at all. */
  readonly cert?: TextSource
  readonly key?: TextSource
  /** Instead of the URL's host, for SNI and for the certificate's name. */
  readonly serverName?: string
  readonly insecureSkipVerify?: boolean
  /** Default TLS12. */
  readonly minVersion?: TlsVersion
  readonly maxVersion?: TlsVersion
}

/** prometheus/common ProxyConfig: how upstream is reached. */
export interface OutboundProxySettings {
  /** http, https or socks5 URL; may carry user and password. */
  readonly url?: Secret
  /** Comma-separated hosts, domains, CIDRs and ports that are dialled directly. */
  readonly noProxy?: string
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the process decide. */
  readonly fromEnvironment?: boolean
  /** Headers of CONNECT requests; names as written. */
  readonly connectHeaders?: Readonly<Record<string, readonly Secret[]>>
}

export interface BasicAuthSettings {
  /** Absent: ''. */
  readonly username?: TextSource
  readonly password?: TextSource
}

export interface AuthorizationSettings {
  /** Default `Bearer`; never `basic`. */
  readonly type: string
  readonly credentials?: TextSource
}

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export interface OAuth2Settings {
  readonly clientId: string
  readonly clientSecret?: TextSource
  /** Default `client_credentials`; `jwtBearer` signs an assertion with the certificate key (RFC 7523). */
  readonly grantType: string
  readonly clientCertificateKeyId?: string
  readonly clientCertificateKey?: TextSource
  /** Default RS256. */
  readonly signatureAlgorithm: 'RS256' | 'RS384' | 'RS512'
  /** Default `clientId`. */
  readonly iss?: string
  /** Default `tokenUrl`. */
  readonly audience?: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly scopes: readonly string[]
  readonly tokenUrl: string
  readonly endpointParams: Readonly<Record<string, Secret>>
  readonly tls: TlsSettings
  readonly proxy: OutboundProxySettings
}

/** prometheus/sigv4, with Alloy's additions. */
export interface SigV4Settings {
  /** Default: the environment's or the profile's. */
  readonly region?: string
  readonly accessKey?: string
  readonly secretKey?: Secret
  readonly profile?: string
  readonly roleArn?: string
  readonly externalId?: string
  readonly useFipsStsEndpoint: boolean
  /** Default `aps`. */
  readonly serviceName: string
}

export interface AzureAdSettings {
  /** Default AzurePublic. */
  readonly cloud: 'AzurePublic' | 'AzureChina' | 'AzureGovernment'
  /** Default: the cloud's ingestion audience. */
  readonly scope?: string
  readonly credential:
    | { readonly kind: 'managed_identity'; readonly clientId: string }
    | { readonly kind: 'oauth'; readonly clientId: string; readonly clientSecret: Secret; readonly tenantId: string }
    | { readonly kind: 'sdk'; readonly tenantId: string }
    | {
        readonly kind: 'workload_identity'
        readonly clientId: string
        readonly tenantId: string
        readonly tokenFilePath: string
      }
}

export interface GoogleIamSettings {
  /** Absent: application default credentials. */
  readonly credentialsFile?: string
}

/** One header of `http_headers`: all of its values are added. */
export interface HttpHeaderValues {
  readonly values: readonly string[]
  readonly secrets: readonly Secret[]
  readonly files: readonly string[]
}

/** prometheus/common HTTPClientConfig, and what remote_write adds to it. */
export interface HttpClientSettings {
  /** At most one of these six; bearer tokens have become `authorization`. */
  readonly basicAuth?: BasicAuthSettings
  readonly authorization?: AuthorizationSettings
  readonly oauth2?: OAuth2Settings
  readonly sigv4?: SigV4Settings
  readonly azuread?: AzureAdSettings
  readonly googleIam?: GoogleIamSettings
  readonly tls: TlsSettings
  readonly proxy: OutboundProxySettings
  readonly followRedirects: boolean
  readonly enableHttp2: boolean
  /** Names as written; values are added to those that the request has. */
  readonly httpHeaders: Readonly<Record<string, HttpHeaderValues>>
  /** remote_write's `headers`: names as written; they replace what the request has. */
  readonly headers: Readonly<Record<string, Secret>>
  /** Host names are looked up for each connection, and their addresses taken in turn. */
  readonly roundRobinDns: boolean
}
