import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAuthority } from '../../../test/support/certificate.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { TlsSettings } from '../../config/http-client/http-client-settings.ts'
import { Secret, type TextSource } from '../../config/secret.ts'
import { prepareTls } from './prepare-tls.ts'

const [one, two] = [createAuthority('one'), createAuthority('two')]
const [first, second] = [one.issue(['first']), one.issue(['second'])]
const inline = (text: string): TextSource => ({ kind: 'inline', secret: new Secret(text) })
const file = (path: string): TextSource => ({ kind: 'file', path })

const refused = (settings: object, message: string) =>
  expect(() => prepareTls(settings as TlsSettings)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
  )

test('what can’t be used is said at once, in Prometheus’s words', () => {
  const folder = temporaryFolder()
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return file(join(folder, name))
  }
  const missing = file(join(folder, 'missing'))
  const gone = `unable to read file ${folder}/missing: ENOENT`
  refused({ ca: missing }, `^unable to read CA cert: ${gone}`)
  refused({ ca: put('ca', 'no PEM') }, `^unable to use specified CA cert file ${folder}/ca$`)
  refused({ ca: inline(first.key) }, '^unable to use specified CA cert inline$')
  refused({ cert: missing, key: inline(first.key) }, `^unable to read specified client cert: ${gone}`)
  refused({ cert: inline(first.certificate), key: missing }, `^unable to read specified client key: ${gone}`)
  const cert = put('cert', first.certificate)
  const pair = (key: string) =>
    `^unable to use specified client cert \\(file ${folder}/cert\\) & key \\(${key}\\): tls: `
  refused({ cert, key: inline('') }, `${pair('inline')}failed to find any PEM data in key input$`)
  refused({ cert, key: inline(second.key) }, `${pair('inline')}private key does not match public key$`)
  const broken = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
  refused({ cert, key: inline(broken) }, `${pair('inline')}failed to parse private key: `)
  const noKey = put('key', first.certificate)
  refused({ cert: noKey, key: inline(first.certificate) }, 'failed to find any PEM data in key input$')
  refused({ cert: put('key', first.key), key: inline(first.key) }, 'failed to find any PEM data in certificate input$')
  const brokenCert = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  refused({ cert: inline(brokenCert), key: inline(first.key) }, 'tls: failed to parse certificate: ')
})

test('versions', () => {
  const order = 'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified'
  refused({ minVersion: 'TLS12', maxVersion: 'TLS11' }, `^${order}$`)
  refused({ minVersion: 'TLS14' }, '^unknown TLS version: TLS14$')
  refused({ maxVersion: 'tls12' }, '^unknown TLS version: tls12$')
  refused({ minVersion: 'constructor' }, '^unknown TLS version: constructor$')
  refused({ maxVersion: 'TLS11' }, '^tls_config.max_version TLS11 leaves no version: min_version is TLS12 unless')
  for (const settings of [
    { minVersion: 'TLS11' },
    { maxVersion: 'TLS12' },
    { minVersion: 'TLS10', maxVersion: 'TLS10' },
  ])
    expect(() => prepareTls(settings as TlsSettings).current().secureContext).not.toThrow()
})

test('an unchanged text is the same material, a changed one is new', () => {
  const folder = temporaryFolder()
  const path = (name: string) => join(folder, name)
  const replace = (name: string, text: string) => {
    writeFileSync(path('new'), text)
    renameSync(path('new'), path(name))
  }
  replace('ca', one.certificate)
  replace('cert', first.certificate)
  replace('key', first.key)
  const tls = prepareTls({ ca: file(path('ca')), cert: file(path('cert')), key: file(path('key')) })
  const before = tls.current()
  before.keepSession('peer', Buffer.from('session'))
  expect(tls.current()).toBe(before)
  replace('ca', `${one.certificate}\n`)
  expect(tls.current()).toBe(before)

  const broken = (message: RegExp) => {
    for (const _ of [1, 2])
      expect(() => tls.current()).toThrow(
        expect.objectContaining({ code: 'CREDENTIALS_UNAVAILABLE', message: expect.stringMatching(message) }),
      )
  }
  replace('cert', second.certificate)
  broken(
    /^unable to use specified client cert \(file .*\/cert\) & key \(file .*\/key\): tls: private key does not match/,
  )
  replace('key', second.key)
  const after = tls.current()
  expect(after).not.toBe(before)
  expect(after.texts.key).toBe(second.key.trim())
  expect([before.session('peer'), after.session('peer')]).toEqual([Buffer.from('session'), undefined])
  expect(tls.current()).toBe(after)

  replace('ca', 'half written')
  broken(/^unable to use specified CA cert file .*\/ca$/)
  rmSync(path('ca'))
  broken(/^unable to read CA cert: unable to read file .*\/ca: ENOENT/)
  replace('ca', one.certificate)
  expect(tls.current()).toBe(after)
  replace('ca', two.certificate)
  expect(tls.current().texts.ca).toBe(two.certificate.trim())
})

test('a folder swapped whole gives pairs that belong together', () => {
  const folder = temporaryFolder()
  const put = (name: string, { certificate, key }: typeof first) => {
    const at = join(folder, name)
    symlinkSync(temporaryFolder(), at)
    writeFileSync(join(at, 'cert'), certificate)
    writeFileSync(join(at, 'key'), key)
  }
  put('data', first)
  const tls = prepareTls({ cert: file(join(folder, 'data/cert')), key: file(join(folder, 'data/key')) })
  const before = tls.current()
  put('next', second)
  renameSync(join(folder, 'next'), join(folder, 'data'))
  expect(tls.current()).not.toBe(before)
  expect(tls.current().texts.cert).toBe(second.certificate.trim())
})

test('sessions are few', () => {
  const material = prepareTls({}).current()
  for (let i = 0; i < 250; i++) material.keepSession(`peer ${i}`, Buffer.alloc(1))
  expect(material.session('peer 0')).toBeUndefined()
  expect(material.session('peer 249')).toBeDefined()
})

test('a key that may not be read is not used', (context) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'key'), first.key)
  chmodSync(join(folder, 'key'), 0)
  if (process.getuid?.() === 0) context.skip('root reads everything')
  refused(
    { cert: inline(first.certificate), key: file(join(folder, 'key')) },
    'unable to read specified client key: .*EACCES',
  )
})
