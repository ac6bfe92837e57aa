// Bodies that a real sender made, as bench/capture.ts writes them: one compressed body a file. Only those are used
// whose every series has the tenant label, as the programs that are compared refuse the others.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { uncompress } from '../src/wire/snappy.ts'
import { type Body, TENANT_LABEL } from './bodies.ts'
import { tallyBody } from './tally.ts'

/** Reads all `*.snappy` files of a directory, in the order of their names. Throws if there is none to use. */
export function readCaptured(directory: string): Body[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.snappy'))
  const bodies = names.sort().flatMap((name): Body[] => {
    const compressed = readFileSync(join(directory, name))
    const raw = uncompress(compressed, 2 ** 28)
    const { series, labelled } = tallyBody(raw, TENANT_LABEL)
    return series > 0n && series === labelled ? [{ compressed, rawLength: raw.length }] : []
  })
  if (bodies.length > 0) return bodies
  throw new Error(
    `none of the ${names.length} *.snappy files holds series that all have the label "${TENANT_LABEL}": see bench/capture.ts for how to make some`,
  )
}
