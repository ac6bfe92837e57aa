// `sluice queue` asks an agent whose `http` block wants TLS and a password.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAgent } from '../support/agent.ts'
import { createAuthority } from '../support/certificate.ts'
import { runSluice } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const user = { SLUICE_ADMIN_USERNAME: 'me', SLUICE_ADMIN_PASSWORD: 'pass:word' }

test('a password comes from variables; over TLS the authority’s certificate is looked at', async () => {
  const authority = createAuthority()
  const pair = authority.issue()
  const folder = temporaryFolder()
  const write = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const ca = write('ca.pem', authority.certificate)
  const auth = 'auth { basic {\nusername = "me"\npassword = "pass:word"\n} }'
  const tls = `tls {\ncert_file = "${write('cert.pem', pair.certificate)}"\nkey_file = "${write('key.pem', pair.key)}"\n}`
  const agent = await startAgent({ config: `http {\n${auth}\n}\n` })
  const { host } = new URL(agent.url)
  const check = async (admin: string, env: Readonly<Record<string, string>>, want: string | RegExp) => {
    const { code, stdout, stderr } = await runSluice(['queue', 'list', '--admin', admin], { env })
    expect([code, stdout + stderr]).toEqual([stderr === '' ? 0 : 1, expect.stringMatching(want)])
  }
  await check(host, user, 'nothing is stored')
  const refused = 'asks for a user name and password\n  hint: set SLUICE_ADMIN_USERNAME and SLUICE_ADMIN_PASSWORD'
  await check(host, {}, refused)
  await check(host, { ...user, SLUICE_ADMIN_PASSWORD: 'wrong' }, refused)

  agent.configure(`http {\n${auth}\n${tls}\n}\n`)
  const reload = { method: 'POST', headers: { authorization: `Basic ${btoa('me:pass:word')}` } }
  expect((await agent.get('/-/reload', reload)).status).toBe(200)
  await check(`https://${host}`, { ...user, NODE_EXTRA_CA_CERTS: ca }, 'nothing is stored')
  await check(`https://${host}`, user, /no Sluice answers at https:\/\/.* \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/)
})
