import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../test/support/certificate.ts'
import { eventually } from '../../test/support/until.ts'
import { createAdmission } from './admission.ts'
import { startListener } from './listener.ts'
import { loadPair, watchPair } from './tls-files.ts'

const authority = createAuthority()
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Writes a pair as one would by hand, one file after the other. */
function writePair(into: string, name: string) {
  const { certificate, key } = authority.issue([name, '127.0.0.1'])
  writeFileSync(join(into, 'tls.crt'), certificate)
  writeFileSync(join(into, 'tls.key'), key)
  return { certFile: join(into, 'tls.crt'), keyFile: join(into, 'tls.key') }
}

const start = (tls: { certFile: string; keyFile: string }) =>
  startListener({
    address: '127.0.0.1:0',
    handler: async () => ({ status: 204 }),
    admission: createAdmission({ maxBytes: 1e6 }),
    log: silent,
    tls,
  })

/** The names that the certificate shown at a port is for. */
const namesAt = (port: number): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate }, () => {
      resolve(socket.getPeerCertificate().subjectaltname)
      socket.destroy()
    })
    socket.on('error', reject)
  })

test('https and nothing else, and a refused body still gets its answer', async () => {
  const listener = await start(writePair(folder(), 'localhost'))
  onTestFinished(async () => void (await listener.close(0)))
  expect(listener.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  const post = (path: string, body: Buffer) =>
    new Promise((resolve, reject) => {
      const sent = request(`${listener.url}${path}`, { method: 'POST', ca: authority.certificate }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      sent.on('error', reject).end(body)
    })
  expect(await post('/push', Buffer.from('x'))).toBe(204)
  expect(await post('/push', Buffer.alloc(33 * 1024 * 1024))).toBe(413)
  expect(await post('/nowhere', Buffer.alloc(100_000))).toBe(404)
  await expect(fetch(listener.url.replace('https', 'http'))).rejects.toThrow()
})

test('a new certificate is used without a restart', async () => {
  const files = writePair(folder(), 'first')
  const listener = await start(files)
  onTestFinished(async () => void (await listener.close(0)))
  const port = Number(new URL(listener.url).port)
  expect(await namesAt(port)).toContain('DNS:first')
  for (const name of ['second', 'third']) {
    writePair(join(files.certFile, '..'), name)
    await eventually(async () => expect(await namesAt(port)).toContain(`DNS:${name}`))
  }
})

test('a pair that does not fit is reported once, and what follows it is used', async () => {
  const path = folder()
  const files = writePair(path, 'first')
  const used: string[] = []
  const warned: string[] = []
  let failures = { value: 0 }
  const stop = watchPair({
    files,
    pair: loadPair(files),
    use: ({ cert }) => used.push(cert.toString()),
    log: { ...silent, warn: (msg) => warned.push(msg) },
    meter: { tally: () => failures, distribution: () => ({ observe: () => undefined }), forgetTenant: () => undefined },
    settleMs: 10,
    patienceMs: 20,
    pollMs: 40,
  })
  onTestFinished(stop)
  writeFileSync(files.certFile, authority.issue(['other']).certificate)
  await eventually(() => expect(failures.value).toBe(1))
  failures = { value: failures.value }
  const good = authority.issue(['good'])
  writeFileSync(files.keyFile, good.key)
  writeFileSync(files.certFile, good.certificate)
  await eventually(() => expect(used).toEqual([good.certificate]))
  expect(warned).toEqual(['the changed TLS certificate or key is not used; the old one stays'])
})

test('the way Kubernetes does it: a link beside the files changes', async () => {
  const path = folder()
  for (const version of ['v1', 'v2', 'v3']) {
    mkdirSync(join(path, version))
    writePair(join(path, version), version)
  }
  symlinkSync('v1', join(path, '..data'))
  symlinkSync('..data/tls.crt', join(path, 'tls.crt'))
  symlinkSync('..data/tls.key', join(path, 'tls.key'))
  const files = { certFile: join(path, 'tls.crt'), keyFile: join(path, 'tls.key') }
  const used: Buffer[] = []
  const use = ({ cert }: { readonly cert: Buffer }) => used.push(cert)
  onTestFinished(watchPair({ files, pair: loadPair(files), use, log: silent, settleMs: 10 }))
  for (const version of ['v2', 'v3']) {
    symlinkSync(version, join(path, '..data_tmp'))
    renameSync(join(path, '..data_tmp'), join(path, '..data'))
    const cert = readFileSync(join(path, version, 'tls.crt'))
    await eventually(() => expect(used.at(-1)?.equals(cert)).toBe(true))
  }
})

test('missing or useless files are an error at the start', async () => {
  const path = folder()
  const files = writePair(path, 'localhost')
  const check = (certFile: string, keyFile: string, message: RegExp) =>
    expect(start({ certFile, keyFile })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message })
  await check(join(path, 'none'), files.keyFile, /^the TLS certificate .*none can't be read: ENOENT/)
  await check(files.certFile, join(path, 'none'), /^the TLS key .*none can't be read/)
  await check(files.certFile, files.certFile, /can't be used together/)
})
