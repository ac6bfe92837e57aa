import { expect, test } from 'vitest'
import type { OutboundProxySettings } from '../../config/http-client/http-client-settings.ts'
import { Secret } from '../../config/secret.ts'
import { parseTarget } from '../target.ts'
import { type Environment, proxyChooser } from './choose-proxy.ts'
import { parseProxyUrl } from './proxy-url.ts'

function chosen(settings: OutboundProxySettings, url: string, env: Environment = {}): string {
  const proxy = proxyChooser(settings, env)(parseTarget(url))
  return proxy === undefined ? 'direct' : `${proxy.protocol}//${proxy.shown}`
}

test('the environment: the table of Go', () => {
  const check = (env: Environment, url: string, want: string) =>
    expect(chosen({ fromEnvironment: true }, url, env), JSON.stringify(env)).toBe(want)
  const http = 'http://example.com'
  check({ HTTP_PROXY: '127.0.0.1:8080' }, http, 'http://127.0.0.1:8080')
  check({ HTTP_PROXY: 'cache.corp.example.com:1234' }, http, 'http://cache.corp.example.com:1234')
  check({ HTTP_PROXY: 'cache.corp.example.com' }, http, 'http://cache.corp.example.com:80')
  check({ HTTP_PROXY: 'localhost' }, http, 'http://localhost:80')
  check({ HTTP_PROXY: 'https://cache.corp.example.com' }, http, 'https://cache.corp.example.com:443')
  check({ HTTP_PROXY: 'http://127.0.0.1:8080' }, http, 'http://127.0.0.1:8080')
  check({ HTTP_PROXY: 'https://127.0.0.1:8080' }, http, 'https://127.0.0.1:8080')
  check({ HTTP_PROXY: 'socks5://127.0.0.1' }, http, 'socks5://127.0.0.1:1080')
  check({ HTTP_PROXY: 'socks5h://[::1]' }, http, 'socks5://[::1]:1080')
  const both = { HTTP_PROXY: 'http.proxy.tld', HTTPS_PROXY: 'https://secure.proxy.tld' }
  check(both, 'http://insecure.tld/', 'http://http.proxy.tld:80')
  check(both, 'https://secure.tld/', 'https://secure.proxy.tld:443')
  check({ HTTP_PROXY: 'http.proxy.tld' }, 'https://secure.tld/', 'direct')
  check({ HTTPS_PROXY: 'https://p', REQUEST_METHOD: 'PUT' }, 'https://secure.tld/', 'https://p:443')
  check({}, http, 'direct')
  check({ HTTP_PROXY: 'proxy', NO_PROXY: 'example.com' }, 'http://foo.example.com/', 'direct')
  check({ HTTP_PROXY: 'proxy', NO_PROXY: '.example.com' }, http, 'http://proxy:80')
  check({ http_proxy: 'a', https_proxy: 'b', no_proxy: 'c' }, http, 'http://a:80')
  check({ http_proxy: 'a', https_proxy: 'b', no_proxy: 'c' }, 'https://d', 'http://b:80')
  check({ http_proxy: 'a', https_proxy: 'b', no_proxy: 'c' }, 'http://c', 'direct')
  check({ HTTP_PROXY: 'upper', http_proxy: 'lower' }, http, 'http://upper:80')
  check({ HTTP_PROXY: '', http_proxy: 'lower' }, http, 'http://lower:80')
  check({ HTTP_PROXY: 'proxy' }, 'http://localhost:9090', 'direct')
  check({ HTTP_PROXY: 'proxy' }, 'http://[::1]:9090', 'direct')
})

test('an environment that can’t be used leads nowhere, not past the proxy', () => {
  const check = (env: Environment, message: string) =>
    expect(() => chosen({ fromEnvironment: true }, 'http://example.com', env)).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_UNREACHABLE', message }),
    )
  const cgi = 'refusing to use HTTP_PROXY value in CGI environment; see golang.org/s/cgihttpproxy'
  check({ HTTP_PROXY: 'http://10.1.2.3:8080', REQUEST_METHOD: 'GET' }, cgi)
  check(
    { HTTP_PROXY: 'foo://host' },
    'HTTP_PROXY begins with foo://, not with http://, https://, socks5:// or socks5h://',
  )
  check({ HTTP_PROXY: 'u:secret@a b' }, 'HTTP_PROXY is not a URL')
})

test('proxy_url and no_proxy', () => {
  const url = new Secret('http://u:p@proxy:3128')
  const check = (noProxy: string | undefined, target: string, want: string) =>
    expect(chosen({ url, ...(noProxy !== undefined && { noProxy }) }, target)).toBe(want)
  check(undefined, 'http://mimir/', 'http://proxy:3128')
  check(undefined, 'https://mimir/', 'http://proxy:3128')
  // Only a no_proxy makes localhost special, as in Go.
  check(undefined, 'http://localhost/', 'http://proxy:3128')
  check('', 'http://127.0.0.1/', 'http://proxy:3128')
  check('other', 'http://127.0.0.1/', 'direct')
  check('mimir:80', 'http://mimir/', 'direct')
  check('mimir:80', 'https://mimir/', 'http://proxy:3128')
  expect(chosen({}, 'http://mimir', { HTTP_PROXY: 'ignored' })).toBe('direct')
  expect(chosen({ url: new Secret('') }, 'http://mimir')).toBe('direct')
})

test('a proxy_url that can’t be used is refused, and never shown', () => {
  const check = (url: string, message: RegExp) => {
    const make = () => proxyChooser({ url: new Secret(url) }, {})
    expect(make, url).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    )
    expect(make).toThrow(/^(?!.*hush)/)
  }
  check('proxy:3128', /^proxy_url begins with proxy:\/\/, not with http:/)
  check('//u:hush@proxy', /^proxy_url is not a URL$/)
  check('ftp://u:hush@proxy', /^proxy_url begins with ftp:/)
  check('http://u:%zzhush@proxy', /not percent-encoded/)
  check('socks5://u:hush@', /is not a URL|names no host/)
  check(`socks5://u:${'hush'.repeat(64)}@proxy`, /at most 255 bytes/)
  check('socks5://:hush@proxy', /at least one/)
})

test('user and password are decoded, and printed by nothing', () => {
  const proxy = parseProxyUrl('socks5h://a%40b:p%3Aw@[2001:DB8::1]:99', 'proxy_url')
  expect([proxy.login?.user.reveal(), proxy.login?.password.reveal()]).toEqual(['a@b', 'p:w'])
  expect(proxy).toMatchObject({ protocol: 'socks5:', hostname: '2001:db8::1', port: 99 })
  expect(JSON.stringify(proxy)).not.toMatch(/p%3Aw|p:w|a@b/)
})
