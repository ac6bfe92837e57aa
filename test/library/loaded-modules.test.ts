// What `sluice/fetch` loads of other packages: a program that wraps fetch does not want a second HTTP client, a YAML
// reader or a metrics library with it.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { metricsOf } from '../support/pipeline.ts'
import { root } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// Where hooks in the same thread are missing (before Node 22.15) they see what is imported; the cache of `require`
// shows the rest.
const program = `
import module, { createRequire } from 'node:module'
import { MessageChannel } from 'node:worker_threads'
const { register, registerHooks } = module
const loaded = new Set()
const { port1, port2 } = new MessageChannel()
if (registerHooks) {
  registerHooks({ load: (url, context, next) => (loaded.add(url), next(url, context)) })
} else {
  const hooks = 'let port; export const initialize = (data) => { port = data }; ' +
    'export const load = (url, context, next) => { port.postMessage(url); return next(url, context) }'
  port1.on('message', (url) => loaded.add(url))
  register('data:text/javascript,' + encodeURIComponent(hooks), { data: port2, transferList: [port2] })
}
const { tenantFetch } = await import(process.argv[2])
const send = tenantFetch(async () => new Response('', { status: 200 }), { labels: ['tenant'] })
const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const body = Buffer.from(process.argv[3], 'base64')
const { status } = await send('http://upstream.invalid/', { method: 'POST', headers, body })
await new Promise((resolve) => setTimeout(resolve, 100))
port1.close()
const required = Object.keys(createRequire(import.meta.url).cache)
console.log(JSON.stringify({ status, loaded: [...loaded, ...required] }))
`

/** The packages of these files and URLs; a native package is shown without its platform. */
const packagesOf = (modules: readonly string[]): string[] => {
  const names = modules.flatMap((module) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? [])
  return [...new Set(names.map((name) => name.replace(/^(@napi-rs\/snappy)-.*/, '$1-PLATFORM')))].sort()
}

test('sluice/fetch loads snappy and lru-cache, and nothing else', () => {
  const file = join(temporaryFolder(), 'program.mjs')
  writeFileSync(file, program)
  const entry = pathToFileURL(join(root, 'dist/fetch.js')).href
  const args = [file, entry, metricsOf(['a', 'b']).toString('base64')]
  const said = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  expect(said.status).toBe(200)
  expect(packagesOf(said.loaded)).toEqual(['@napi-rs/snappy-PLATFORM', 'lru-cache', 'snappy'])
  // The list would show what is not wanted: the program's own modules are in it.
  expect(said.loaded).toContain(entry)
  expect(said.loaded.some((url: string) => url.endsWith('dist/library/engine.js'))).toBe(true)
})
