import { expect, test } from 'vitest'
import { parseNoProxy } from './no-proxy.ts'

const list =
  'foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, ' +
  '2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64'

// The facts of golang.org/x/net/http/httpproxy's own table.
const isProxied: readonly (readonly [host: string, isProxied: boolean])[] = [
  ['localhost', false],
  ['127.0.0.1', false],
  ['127.0.0.2', false],
  ['::1', false],
  ['::2', true],
  ['192.168.1.1', false],
  ['192.168.1.2', true],
  ['192.168.1.3', false],
  ['192.168.1.4', true],
  ['10.0.0.2', false],
  ['2001:db8::52:0:1', false],
  ['2001:db8::52:0:2', true],
  ['2001:db8::52:0:3', false],
  ['2002:db8:a::123', false],
  ['fe80::424b:c8be:1643:a1b6', true],
  ['barbaz.net', true],
  ['www.barbaz.net', false],
  ['foobar.com', false],
  ['www.foobar.com', false],
  ['foofoobar.com', true],
  ['baz.com', true],
  ['localhost.net', true],
  ['local.localhost', true],
  ['barbarbaz.net', true],
  ['wildcard.io', true],
  ['nested.wildcard.io', false],
  ['awildcard.io', true],
]

test('the table of Go', () => {
  const some = parseNoProxy(list)
  const all = parseNoProxy('*')
  for (const [host, want] of isProxied) {
    expect(!some(host, 80), host).toBe(want)
    expect(all(host, 80), host).toBe(true)
  }
})

test('entries one by one', () => {
  const check = (text: string, host: string, port: number, isDirect: boolean) =>
    expect(parseNoProxy(text)(host, port), `${text} | ${host}:${port}`).toBe(isDirect)
  check('', 'example.com', 80, false)
  check('example.com', 'example.com', 80, true)
  check('.example.com', 'example.com', 80, false)
  check('ample.com', 'example.com', 80, false)
  check('example.com', 'foo.example.com', 80, true)
  check('.foo.com', 'example.com', 80, false)
  check('EXAMPLE.com ', 'example.com', 80, true)
  check('example.com:443', 'example.com', 443, true)
  check('example.com:443', 'example.com', 80, false)
  check('a.com,*,b.com', 'elsewhere', 1, true)
  // Not ASCII, on either side.
  check('.示例.com', 'www.xn--fsq092h.com', 80, true)
  check('xn--fsq092h.com', 'www.xn--fsq092h.com', 80, true)
  check('示例.com', 'www.xn--fsq092h.com', 80, true)
  // The zone of an address is not a name.
  check('example.com', '1000::%.example.com', 123, false)
  check('::1/0', '1000::1%eth0', 123, false)
  // IPv4 in IPv6's clothes is the same address.
  check('10.0.0.1', '::ffff:10.0.0.1', 80, true)
  check('10.0.0.0/8', '::ffff:a01:203', 80, true)
  check('', '::ffff:7f00:1', 80, true)
  // What makes no sense is skipped.
  check(':1', 'example.com', 80, false)
  check(',,10.0.0.0/33,10.0.0.0/x,/8,b.com', 'b.com', 80, true)
  check('10.0.0.0/33,10.0.0.0/x', '10.0.0.0', 80, false)
  check('[::3]', '::3', 80, false)
  check('[::3]:80', '::3', 80, true)
  check('::/0', '2001:db8::1', 80, true)
  check('0.0.0.0/0', '8.8.8.8', 80, true)
  check('0.0.0.0/0', 'name', 80, false)
})
