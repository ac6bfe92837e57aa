// Passwords, tokens and certificates are replaced on disk under load: every request carries what was valid when it was
// sent, none goes out without, and what meets a broken file is not sent.

import { expect, test } from 'vitest'
import { client, file, inline } from './client.ts'
import { loopbackServer } from './loopback-server.ts'
import { type Layout, RotatingFiles } from './rotation.ts'

const versions = (name: string) => Array.from({ length: 400 }, (_, k) => ({ [name]: `secret-${k}\n` }))
const versionOf = (text: string): number => Number(/^secret-(\d+)$/.exec(text)?.[1] ?? Number.NaN)

for (const layout of ['files', 'kubernetes'] as const satisfies readonly Layout[]) {
  /** With plain files each state of them is met; a swapped folder has no broken ones. */
  const wanted = { delivered: expect.any(Number), refused: layout === 'files' ? expect.any(Number) : 0 }

  test(`basic_auth password_file, ${layout}`, async () => {
    const files = new RotatingFiles(layout, versions('password'))
    const { port } = await loopbackServer((received) => {
      const [scheme, text = ''] = received.headers.authorization?.split(' ') ?? []
      const [user, password = ''] = atob(text).split(':')
      return files.judge(received, scheme === 'Basic' && user === 'user' ? versionOf(password) : Number.NaN)
    })
    const send = client({ basicAuth: { username: inline('user'), password: file(files.path('password')) } })
    const account = await files.underLoad(send, `http://a.test:${port}/`, 1600)
    console.log(account)
    expect(account).toMatchObject(wanted)
  })
}
