// AWS on loopback, for tests of what signs for it: a service and STS that check every signature.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { chain, type Link } from '../../src/client/chain.ts'
import type { LoadPackage } from '../../src/client/optional-package.ts'
import { sigv4 } from '../../src/client/sigv4/sigv4.ts'
import { createTransport } from '../../src/client/transport.ts'
import type { SigV4Settings } from '../../src/config/http-client/http-client-settings.ts'
import { Secret } from '../../src/config/secret.ts'
import { type AwsKeys, awsProblem } from './aws-signature.ts'
import { type Asked, standIn } from './stand-in.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const fixed = { accessKey: 'AKBASE', secretKey: new Secret('base/secret+') }
export const fromEnv = { AWS_ACCESS_KEY_ID: 'AKBASE', AWS_SECRET_ACCESS_KEY: 'base/secret+' }
export const role = 'arn:aws:iam::123456789012:role/writer'

export const start = Date.UTC(2026, 7, 23, 12)

/** AWS on loopback (a service that checks signatures, and STS) and a client of it. */
export async function aws(given: {
  readonly settings?: Partial<SigV4Settings>
  readonly env?: NodeJS.ProcessEnv
  readonly files?: Readonly<Record<string, string>>
  readonly load?: LoadPackage
  readonly service?: string
  /** Stands between the signing link and the transport. */
  readonly inner?: Link
}) {
  const keys: Record<string, AwsKeys> = { AKBASE: { secretAccessKey: 'base/secret+' } }
  let time = start
  const problems: (string | undefined)[] = []
  const upstream = await standIn((asked) => {
    const problem = awsProblem(asked, { keys, region: 'eu-west-1', service: given.service ?? 'aps', now: time })
    problems.push(problem)
    return { status: problem === undefined ? 200 : 403 }
  })
  const sts = {
    /** What it is asked for and by whom, and what it answers. */
    answer: undefined as ((asked: Asked) => { status?: number; body: string } | undefined) | undefined,
    lifeMs: 3_600_000,
    issued: 0,
  }
  const stsServer = await standIn(async (asked) => {
    await new Promise((resolve) => setImmediate(resolve))
    const special = sts.answer?.(asked)
    if (special !== undefined) return special
    const { Action: action = '' } = asked.form
    const problem =
      action === 'AssumeRoleWithWebIdentity'
        ? asked.headers.authorization && 'signed'
        : awsProblem(asked, { keys, region: 'eu-west-1', service: 'sts', now: time })
    if (problem) return { status: 403, body: stsError('SignatureDoesNotMatch', problem) }
    const id = `ASIA${++sts.issued}`
    keys[id] = { secretAccessKey: `secret ${id}`, sessionToken: `token/${id}+=` }
    return { body: stsAnswer(action, id, keys[id], time + sts.lifeMs) }
  })
  const home = temporaryFolder()
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
  for (const [name, text] of Object.entries(given.files ?? {})) write(name, text)
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const env = { AWS_ENDPOINT_URL_STS: stsServer.url, ...given.env }
  for (const [name, value] of Object.entries(env)) env[name as keyof typeof env] = value?.replace('HOME', home) as never
  const link = sigv4(
    { region: 'eu-west-1', useFipsStsEndpoint: false, serviceName: 'aps', ...given.settings },
    {
      tokenClient: transport.send,
      now: () => time,
      env,
      homeDirectory: home,
      load:
        given.load ??
        (async () => {
          throw new Error('not to be loaded')
        }),
    },
  )
  const send = chain(given.inner === undefined ? [link] : [link, given.inner], transport.send)
  const push = (path = '/workspaces/ws-1/api/v1/remote_write', body = 'body') =>
    send({
      method: 'POST',
      url: `${upstream.url}${path}`,
      headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': 'team-a', 'user-agent': 'Sluice/1' },
      body: Buffer.from(body),
    })
  return {
    link,
    push,
    keys,
    sts,
    write,
    upstream,
    problems,
    stsServer,
    pass: (ms: number) => {
      time += ms
    },
    /** The key that signed what arrived last. */
    keyId: () => /Credential=([^/]+)/.exec(upstream.asked.at(-1)?.headers.authorization ?? '')?.[1],
  }
}

export const stsAnswer = (action: string, id: string, keys: AwsKeys, expiresAt: number) => `
<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${action}Result>
    <AssumedRoleUser><AssumedRoleId>ARO:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${id}</AccessKeyId>
      <SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey>
      <SessionToken>${keys.sessionToken}</SessionToken>
      <Expiration>${new Date(expiresAt).toISOString()}</Expiration>
    </Credentials>
  </${action}Result>
  <ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata>
</${action}Response>`

export const stsError = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
