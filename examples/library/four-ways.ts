// One program, run under every Node with every undici: how does a push become one per tenant there? Prints a JSON line
// for each way: its name, and 'ok' or what went wrong.
//
// node --import tsx four-ways.ts UNDICI-PACKAGE PUSH-URL SILENT-URL BODY
// BODY: base64; series of the tenants a, b and refused. SILENT-URL takes requests and never answers.

import { tenantFetch } from 'sluice/fetch'
import { tenantInterceptor } from 'sluice/undici'
import type * as Undici from 'undici'

const [undiciPackage = '', pushUrl = '', silentUrl = '', base64 = ''] = process.argv.slice(2)
const body = Buffer.from(base64, 'base64')
const original = Buffer.from(body)
const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

interface Answer {
  readonly status: number
  readonly text: string
}
type Way = (init: { readonly signal?: AbortSignal; readonly url: string }) => Promise<Answer>

const options = { labels: ['tenant'], deny: ['refused'] }

const answer = async (response: { status: number; text(): Promise<string> }): Promise<Answer> => ({
  status: response.status,
  text: await response.text(),
})

function waysOf(undici: typeof Undici | undefined): Record<string, Way> {
  const post = { method: 'POST', headers, body } as const
  const wrapped = tenantFetch(fetch, options)
  const ways: Record<string, Way> = {
    'tenantFetch(fetch)': async ({ url, ...init }) => answer(await wrapped(url, { ...post, ...init })),
  }
  if (undici === undefined) return ways
  const agent = new undici.Agent().compose(tenantInterceptor(options))
  const before = undici.getGlobalDispatcher()
  return {
    ...ways,
    'fetch, global dispatcher': async ({ url, ...init }) => {
      undici.setGlobalDispatcher(agent)
      try {
        return await answer(await fetch(url, { ...post, ...init }))
      } finally {
        undici.setGlobalDispatcher(before)
      }
    },
    'fetch({ dispatcher })': async ({ url, ...init }) =>
      answer(await fetch(url, { ...post, ...init, dispatcher: agent } as object)),
    'undici.fetch': async ({ url, ...init }) =>
      answer(await undici.fetch(url, { ...post, ...init, dispatcher: agent } as Undici.RequestInit)),
    'undici.request': async ({ url, ...init }) => {
      const response = await undici.request(url, { ...post, ...init, dispatcher: agent })
      return { status: response.statusCode, text: await response.body.text() }
    },
  }
}

/** 400 with the reason, since one tenant is refused; then a request that ends when its signal says so. */
async function judge(way: Way): Promise<string> {
  const { status, text } = await way({ url: pushUrl })
  if (status !== 400 || !text.includes('refused')) return `answered ${status} ${JSON.stringify(text)}`
  const reason = await way({ url: silentUrl, signal: AbortSignal.timeout(100) }).then(
    (late) => `answered ${late.status} after the abort`,
    (error: Error) => error.name,
  )
  if (reason !== 'TimeoutError' && reason !== 'AbortError') return `abort: ${reason}`
  return body.equals(original) ? 'ok' : 'the body was changed'
}

const within = (ms: number): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve(`no answer within ${ms} ms`), ms))

const undici: typeof Undici | Error = await import(undiciPackage).catch((error: Error) => error)
if (undici instanceof Error) console.log(JSON.stringify(['import', `does not import: ${undici.message}`]))
for (const [name, way] of Object.entries(waysOf(undici instanceof Error ? undefined : undici))) {
  const verdict = await Promise.race([
    judge(way).catch((error: Error) => `${error} ${error.cause ?? ''}`),
    within(5000),
  ])
  console.log(JSON.stringify([name, verdict]))
}
process.exit(0)
