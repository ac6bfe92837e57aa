import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../test/support/certificate.ts'
import { onRequests, rawServer } from '../../test/support/raw-server.ts'
import { readCaBundle } from './ca-bundle.ts'
import { systemRoots } from './system-roots.ts'
import { createTransport } from './transport.ts'

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-ca-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'ca.pem')
  writeFileSync(path, text)
  return path
}

const mine = createAuthority('mine')
const other = createAuthority('other')

test('what a bundle holds', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const check = (text: string, count: number) => expect(readCaBundle(file(text), true).count).toBe(count)
  check(mine.certificate, 1)
  check(`# mine\n${mine.certificate}\r\n${broken}${mine.issue().key}${other.certificate}`, 2)
  const refused = (path: string, message: RegExp) =>
    expect(() => readCaBundle(path, true)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    )
  expect(readCaBundle(file(''), false).count).toBe(0)
  refused(file(''), /holds no certificate that can be read/)
  refused(file(broken), /holds no certificate that can be read/)
  refused(file(mine.issue().key), /holds no certificate/)
  refused('/no/such/file', /^the CA bundle \/no\/such\/file can't be read: ENOENT/)
})

test('a bundle is all that is trusted', async () => {
  const server = await rawServer(
    (socket) => onRequests(socket, () => socket.write('HTTP/1.1 204 No\r\n\r\n')),
    mine.issue(['localhost', '127.0.0.1']),
  )
  const reach = async (ca: string, host = '127.0.0.1') => {
    const transport = createTransport({ ca })
    onTestFinished(() => transport.destroy())
    const url = `https://${host}:${server.port}/`
    return transport.send({ method: 'POST', url, headers: {}, body: new Uint8Array(0), timeoutMs: 15_000 }).then(
      ({ status }) => status,
      (error: Error) => error.message,
    )
  }
  expect(await reach(readCaBundle(file(other.certificate + mine.certificate), true).pem)).toBe(204)
  expect(await reach(mine.certificate, 'localhost')).toBe(204)
  expect(await reach(other.certificate)).toMatch(/signed by a CA that is not trusted|self-signed/)
  const wrongName = await rawServer(() => undefined, mine.issue(['elsewhere']))
  const transport = createTransport({ ca: mine.certificate })
  onTestFinished(() => transport.destroy())
  const url = `https://127.0.0.1:${wrongName.port}/`
  await expect(
    transport.send({ method: 'POST', url, headers: {}, body: new Uint8Array(0), timeoutMs: 15_000 }),
  ).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE', message: /for another host name/ })
})

test('https where http is spoken, and the other way round', async () => {
  const secure = await rawServer(() => undefined, mine.issue())
  const transport = createTransport({ ca: mine.certificate })
  onTestFinished(() => transport.destroy())
  const reach = (url: string) =>
    transport
      .send({ method: 'POST', url, headers: {}, body: Buffer.alloc(0), timeoutMs: 15_000 })
      .catch((e: Error) => e.message)
  expect(await reach(`http://127.0.0.1:${secure.port}/`)).toMatch(/closed the connection|HTTP\/1\.1/)
  const talker = await rawServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  expect(await reach(`https://127.0.0.1:${talker.port}/`)).toMatch(/does not speak TLS/)
})

test('the roots of the system', () => {
  const at = (files: Readonly<Record<string, string>>, env = {}) =>
    systemRoots({
      env,
      readFile: (path) => {
        const text = files[path]
        if (text === undefined) throw new Error('ENOENT')
        return text
      },
    })
  expect(at({ '/etc/ssl/certs/ca-certificates.crt': 'debian', '/etc/ssl/cert.pem': 'alpine' })).toBe('debian')
  expect(at({ '/etc/ssl/cert.pem': 'alpine' })).toBe('alpine')
  expect(at({ '/x': 'named', '/etc/ssl/cert.pem': 'alpine' }, { SSL_CERT_FILE: '/x' })).toBe('named')
  expect(at({ '/etc/ssl/cert.pem': 'alpine' }, { SSL_CERT_FILE: '' })).toBe('alpine')
  expect(at({})).toBeUndefined()
})
