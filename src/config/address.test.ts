import { expect, test } from 'vitest'
import { addressText, parseAddress, reachableText } from './address.ts'

test('addresses', () => {
  const check = (text: string, host?: string, port?: number) =>
    expect(parseAddress(text), text).toEqual(host === undefined ? undefined : { host, port })
  check('127.0.0.1:8080', '127.0.0.1', 8080)
  check(':8080', '', 8080)
  check('[::1]:0', '::1', 0)
  check('[fe80::1%eth0]:80', 'fe80::1%eth0', 80)
  check('localhost:65535', 'localhost', 65_535)
  check('localhost:65536')
  check('localhost')
  check('::1:80')
  check('http://x:80')
  check('x:http')
  check('[x]:80')
  check('a b:80')
  check('')
})

test('as text, and as what can be connected to', () => {
  const check = (text: string, reachable = text) => {
    const address = parseAddress(text)!
    expect([addressText(address), reachableText(address)]).toEqual([text, reachable])
  }
  check('127.0.0.1:80')
  check('[fe80::1]:80')
  check('mimir:80')
  check(':80', '127.0.0.1:80')
  check('0.0.0.0:80', '127.0.0.1:80')
  check('[::]:80', '[::1]:80')
})
