// Settings that a real Prometheus and our client are both given, and in what they differ for a reason.

import type { RecordingStage } from './recording-stage.ts'

export interface CaseFiles {
  /** Writes a file and gives its path. */
  readonly file: (name: string, text: string) => string
  readonly ca: string
  readonly otherCa: string
  readonly clientCert: string
  readonly clientKey: string
}

export interface Difference {
  readonly why: string
  /** What we send, from what they do. */
  readonly ours: (theirs: string) => string
}

export interface ComparedCase {
  /** Where the push goes; default: the plain upstream. */
  readonly url?: (ports: RecordingStage['ports']) => string
  /** The `remote_write`, without `url`. */
  readonly settings: (ports: RecordingStage['ports'], files: CaseFiles) => Readonly<Record<string, unknown>>
  /** Prometheus sends nothing. */
  readonly isSilent?: true
  readonly differs?: Difference
}

type Ports = RecordingStage['ports']
type Settings = ComparedCase['settings']

const secureUrl = ({ secure }: Ports): string => `https://127.0.0.1:${secure}/push`
const overTls = (settings: Settings): ComparedCase => ({ url: secureUrl, settings })
const throughProxy = (settings: Settings): ComparedCase => ({
  url: ({ plain }) => `http://upstream.test:${plain}/push?q=1`,
  settings,
})
const tunnelled = (settings: Settings): ComparedCase => ({
  url: ({ secure }) => `https://upstream.test:${secure}/push`,
  settings,
})

const oauth2 = (more: object = {}): Settings => {
  return ({ token }) => ({
    oauth2: { client_id: 'id', client_secret: 's3cret', token_url: `http://127.0.0.1:${token}/token`, ...more },
  })
}

const basic = { basic_auth: { username: 'user', password: 'pass' } }
const custom = { headers: { 'X-Custom': 'c' } }

const redirected = (status: number, to: 'plain' | 'other' | 'subdomain'): ComparedCase => ({
  url: ({ plain, other }) => {
    const location =
      to === 'plain' ? '/end?a=b' : to === 'other' ? `http://127.0.0.1:${other}/end` : `http://localhost:${other}/end`
    return `http://127.0.0.1:${plain}/start?${new URLSearchParams({ status: String(status), location })}`
  },
  settings: () => ({ ...basic, ...custom }),
})

const nothingSent = () => ''
const notFollowed: Difference = {
  why: 'Go makes a GET without the data of it; a push stays a push, and the redirect is the answer',
  ours: (theirs) => theirs.replace(/\nplain: GET .*$/s, ''),
}
const withoutLines = (theirs: string, behind: string, lines: RegExp): string => {
  const at = theirs.indexOf(behind)
  return theirs.slice(0, at) + theirs.slice(at).replace(lines, '')
}

export const comparedCases: Readonly<Record<string, ComparedCase>> = {
  'nothing set': { settings: () => ({}) },
  'a URL with path, query and escapes': {
    url: ({ plain }) => `http://127.0.0.1:${plain}/a%2Fb/c;x=1?q=%20a+b&c`,
    settings: () => ({}),
  },
  'a URL beyond ASCII': { url: ({ plain }) => `http://127.0.0.1:${plain}/ü/a?q=%c3%BC`, settings: () => ({}) },
  'user and password in the URL': {
    url: ({ plain }) => `http://us%40er:p%3Aw@127.0.0.1:${plain}/`,
    settings: () => ({}),
    differs: { why: 'a transport takes no credentials; the URLs of settings are read before', ours: nothingSent },
  },

  basic_auth: { settings: () => basic },
  'basic_auth beyond ASCII': { settings: () => ({ basic_auth: { username: 'jürgen', password: 'p:ä€😀' } }) },
  'basic_auth with a blank at the end': {
    settings: () => ({ basic_auth: { username: 'user', password: 'pass ' } }),
    differs: {
      why: 'newer ones trim files only',
      ours: (theirs) => theirs.replace(btoa('user:pass'), btoa('user:pass ')),
    },
  },
  'basic_auth without password': { settings: () => ({ basic_auth: { username: 'user' } }) },
  'basic_auth without user': { settings: () => ({ basic_auth: { password: 'pass' } }) },
  'basic_auth password_file': {
    settings: (_, { file }) => ({ basic_auth: { username: 'user', password_file: file('pw', ' of file \n\n') } }),
  },
  'basic_auth username_file': {
    settings: (_, { file }) => ({ basic_auth: { username_file: file('user', 'of-file\n'), password: 'pass' } }),
  },
  'basic_auth password_file missing': {
    isSilent: true,
    settings: () => ({ basic_auth: { username: 'user', password_file: '/nonexistent/password' } }),
  },
  'basic_auth password_file empty': {
    settings: (_, { file }) => ({ basic_auth: { username: 'user', password_file: file('empty', '\n') } }),
    differs: {
      why: 'who writes a file in place empties it first: no request goes out without its credential in that moment',
      ours: nothingSent,
    },
  },

  authorization: { settings: () => ({ authorization: { credentials: 'tok' } }) },
  'authorization type': { settings: () => ({ authorization: { type: ' Custom ', credentials: 'tok en' } }) },
  'authorization beyond ASCII': { settings: () => ({ authorization: { type: 'Schlüssel', credentials: 'wört €' } }) },
  'authorization credentials_file': {
    settings: (_, { file }) => ({ authorization: { type: 'T', credentials_file: file('cred', '\tof-file\r\n') } }),
  },
  'authorization without credentials': {
    settings: () => ({ authorization: { type: 'T' } }),
    differs: {
      why: 'newer ones send the type alone',
      ours: (theirs) => theirs.replace('\n', '\n  authorization: T\n'),
    },
  },
  bearer_token: { settings: () => ({ bearer_token: 'tok' }) },
  bearer_token_file: { settings: (_, { file }) => ({ bearer_token_file: file('bearer', 'of-file\n') }) },

  oauth2: { settings: oauth2() },
  'oauth2 client_secret_file': {
    settings: ({ token }, { file }) => ({
      oauth2: {
        client_id: 'id',
        client_secret_file: file('s', 'of file\n'),
        token_url: `http://127.0.0.1:${token}/t?q=1`,
      },
    }),
  },
  'oauth2 scopes and endpoint_params': {
    settings: oauth2({ scopes: ['a', 'b c'], endpoint_params: { audience: 'x&y', resource: 'ä' } }),
  },
  'oauth2 id and secret to be escaped': { settings: oauth2({ client_id: 'i d:*~', client_secret: "a+b/=ä'()!~*" }) },
  'oauth2 at a server that wants the form': {
    settings: (ports, files) => ({
      oauth2: { ...(oauth2()(ports, files).oauth2 as object), token_url: `http://127.0.0.1:${ports.token}/form-only` },
    }),
  },
  'oauth2 by a proxy of its own': {
    settings: (ports, files) => {
      const inner = oauth2({ proxy_url: `http://127.0.0.1:${ports.proxy}` })(ports, files).oauth2 as object
      return { oauth2: { ...inner, token_url: `http://token.test:${ports.token}/token` } }
    },
  },

  'tls ca_file': overTls((_, { ca }) => ({ tls_config: { ca_file: ca } })),
  'tls of an unknown authority': overTls((_, { otherCa }) => ({ tls_config: { ca_file: otherCa } })),
  'tls insecure_skip_verify': overTls(() => ({ tls_config: { insecure_skip_verify: true } })),
  'tls server_name': overTls((_, { ca }) => ({ tls_config: { ca_file: ca, server_name: 'upstream.test' } })),
  'tls server_name that the certificate has not': overTls((_, { ca }) => ({
    tls_config: { ca_file: ca, server_name: 'elsewhere.test' },
  })),
  'tls by name': {
    url: ({ secure }) => `https://localhost:${secure}/push`,
    settings: (_, { ca }) => ({ tls_config: { ca_file: ca } }),
  },
  'tls client certificate': overTls((_, { ca, clientCert, clientKey }) => ({
    tls_config: { ca_file: ca, cert_file: clientCert, key_file: clientKey },
  })),
  'tls max_version TLS12': overTls((_, { ca }) => ({ tls_config: { ca_file: ca, max_version: 'TLS12' } })),
  'tls min_version TLS13': overTls((_, { ca }) => ({ tls_config: { ca_file: ca, min_version: 'TLS13' } })),
  'tls with basic_auth': overTls((_, { ca }) => ({ ...basic, ...custom, tls_config: { ca_file: ca } })),
  enable_http2: overTls((_, { ca }) => ({
    ...basic,
    headers: { 'X-Custom': 'grüße €' },
    enable_http2: true,
    tls_config: { ca_file: ca },
  })),

  proxy_url: throughProxy(({ proxy }) => ({ ...basic, proxy_url: `http://127.0.0.1:${proxy}` })),
  'proxy_url with a login': throughProxy(({ proxy }) => ({
    ...custom,
    proxy_url: `http://us%40er:p%3Aw@127.0.0.1:${proxy}`,
  })),
  'proxy_url, tunnel': tunnelled(({ proxy }, { ca }) => ({
    ...basic,
    proxy_url: `http://127.0.0.1:${proxy}`,
    tls_config: { ca_file: ca },
  })),
  'proxy_url with a login, tunnel': tunnelled(({ proxy }, { ca }) => ({
    proxy_url: `http://user:p%C3%A4ss@127.0.0.1:${proxy}`,
    tls_config: { ca_file: ca },
  })),
  proxy_connect_header: tunnelled(({ proxy }, { ca }) => ({
    proxy_url: `http://127.0.0.1:${proxy}`,
    proxy_connect_header: { 'X-Tunnel': ['one', 'zwei ü€'], 'Proxy-Authorization': ['Bearer p'] },
    tls_config: { ca_file: ca },
  })),
  'proxy_connect_header where nothing is tunnelled': throughProxy(({ proxy }) => ({
    proxy_url: `http://127.0.0.1:${proxy}`,
    proxy_connect_header: { 'X-Tunnel': ['one'] },
  })),
  'https: proxy, tunnel': tunnelled(({ secureProxy }, { ca }) => ({
    proxy_url: `https://user:pass@127.0.0.1:${secureProxy}`,
    tls_config: { ca_file: ca },
  })),
  'https: proxy': throughProxy(({ secureProxy }, { ca }) => ({
    proxy_url: `https://user:pass@127.0.0.1:${secureProxy}`,
    tls_config: { ca_file: ca },
  })),
  'socks5: proxy': tunnelled(({ socks }, { ca }) => ({
    proxy_url: `socks5://127.0.0.1:${socks}`,
    tls_config: { ca_file: ca },
  })),
  no_proxy: throughProxy(({ proxy }) => ({ proxy_url: `http://127.0.0.1:${proxy}`, no_proxy: 'elsewhere.test' })),
  'no_proxy that fits': {
    url: ({ plain }) => `http://localhost:${plain}/push`,
    settings: ({ proxy }) => ({ proxy_url: `http://127.0.0.1:${proxy}`, no_proxy: 'localhost' }),
  },
  proxy_from_environment: { settings: () => ({ proxy_from_environment: true }) },

  headers: { settings: () => ({ headers: { 'X-Scope-OrgID': 'team', 'x-lower': 'a  b ', Cookie: 'c=1' } }) },
  'headers beyond ASCII': { settings: () => ({ headers: { 'X-Custom': 'grüße €😀' } }) },
  http_headers: {
    settings: (_, { file }) => ({
      http_headers: { 'X-A': { values: ['1', '2'], secrets: ['ü€'], files: [file('h', 'of-file\n')] } },
    }),
  },

  '307 to the same host': redirected(307, 'plain'),
  '308 to the same host': redirected(308, 'plain'),
  '307 to another port': redirected(307, 'other'),
  '307 to another host': {
    ...redirected(307, 'subdomain'),
    differs: {
      why: 'credentials, and `headers`, which may hold some, go to no other host; newer ones keep the former back too',
      ours: (theirs) => withoutLines(theirs, 'other: ', /\n {2}(authorization|x-custom): .*/g),
    },
  },
  '301 to the same host': { ...redirected(301, 'plain'), differs: notFollowed },
  '302 to the same host': { ...redirected(302, 'plain'), differs: notFollowed },
  '303 to the same host': { ...redirected(303, 'plain'), differs: notFollowed },
  '307, follow_redirects off': {
    ...redirected(307, 'plain'),
    settings: () => ({ ...basic, follow_redirects: false }),
  },
  '308, 307 and the end': {
    url: ({ plain }) =>
      `http://127.0.0.1:${plain}/start?${new URLSearchParams({ status: '308', location: '/a?status=307&location=/b' })}`,
    settings: () => basic,
  },
}
