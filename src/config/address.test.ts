import { expect, test } from 'vitest'
import { parseAddress } from './address.ts'

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
