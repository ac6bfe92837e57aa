// SOCKS 5 (RFC 1928) with user and password (RFC 1929). Host names are left to the proxy, as Go does for socks5: and
// socks5h: alike.

import { isIPv4, isIPv6 } from 'node:net'
import { SluiceError } from '../../errors.ts'
import type { Target } from '../target.ts'
import { type Measure, ProxyMisspoke, type Talk } from './handshake.ts'
import type { Login, OutboundProxy } from './proxy-url.ts'

const version = 5
const method = { noLogin: 0, password: 2, none: 0xff } as const
const passwordVersion = 1
const connect = 1
const kind = { ipv4: 1, domain: 3, ipv6: 4 } as const

const refusals: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'its rules forbid it',
  3: 'there is no route to its network',
  4: 'there is no route to it',
  5: 'nothing listens there (connection refused)',
  6: 'the time to live ran out',
  7: 'the proxy knows no CONNECT',
  8: 'the proxy knows no addresses of that kind',
}

/** Asks for a connection to the target. */
export function socks5Talk({ hostname, port, authority }: Target, { login, shown }: OutboundProxy): Talk {
  const refused = (why: string) => new SluiceError('UPSTREAM_UNREACHABLE', `the proxy ${shown}: ${why}`)
  return function* (say) {
    say(Buffer.from(login === undefined ? [version, 1, method.noLogin] : [version, 2, method.noLogin, method.password]))
    const choice = yield bytes(2)
    if (choice[0] !== version) throw misspoke()
    if (choice[1] === method.none)
      throw refused(
        login === undefined ? 'it demands a login, and its URL holds none' : 'it takes no user and password',
      )
    if (choice[1] === method.password && login !== undefined) {
      say(loginMessage(login))
      const verdict = yield bytes(2)
      if (verdict[0] !== passwordVersion) throw misspoke()
      if (verdict[1] !== 0) throw refused('it does not accept the user and the password in its URL')
    } else if (choice[1] !== method.noLogin) throw misspoke()

    say(Buffer.concat([Buffer.from([version, connect, 0]), addressMessage(hostname, port)]))
    const reply = yield bytes(4)
    if (reply[0] !== version) throw misspoke()
    const code = reply[1]!
    if (code !== 0) throw refused(`no way to ${authority}: ${refusals[code] ?? `reply ${code}`}`)
    // The address that it dialled from: nobody needs it, but upstream's bytes begin behind it.
    const length = reply[3] === kind.domain ? (yield bytes(1))[0]! : { [kind.ipv4]: 4, [kind.ipv6]: 16 }[reply[3]!]
    if (length === undefined) throw misspoke()
    yield bytes(length + 2)
  }
}

const misspoke = () => new ProxyMisspoke('it does not speak SOCKS 5')

const bytes =
  (count: number): Measure =>
  (received) =>
    received.length >= count ? count : 0

const loginMessage = ({ user, password }: Login): Buffer =>
  Buffer.concat([Buffer.from([passwordVersion]), counted(user.reveal()), counted(password.reveal())])

function addressMessage(hostname: string, port: number): Buffer {
  const address = isIPv4(hostname)
    ? Buffer.from([kind.ipv4, ...hostname.split('.').map(Number)])
    : isIPv6(hostname)
      ? Buffer.concat([Buffer.from([kind.ipv6]), ipv6Bytes(hostname)])
      : Buffer.concat([Buffer.from([kind.domain]), counted(hostname)])
  return Buffer.concat([address, Buffer.from([port >> 8, port & 0xff])])
}

function counted(text: string): Buffer {
  const content = Buffer.from(text)
  if (content.length > 255)
    throw new SluiceError('UPSTREAM_UNREACHABLE', 'a host name, user or password is too long for SOCKS 5 (255 bytes)')
  return Buffer.concat([Buffer.from([content.length]), content])
}

/** Of an address as URLs have it: groups in hexadecimal. */
function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::')
  const groups = (text = '') => (text === '' ? [] : text.split(':'))
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(zeros).fill('0'), ...groups(tail)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
