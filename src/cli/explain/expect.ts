// `--expect tenant=ID`: series that end anywhere else make the command fail.

import { labelsText } from '../../tenancy/collisions.ts'
import { CommandFailure, exitCode } from '../exit.ts'
import type { End, JudgedSeries } from './judged.ts'

/** The ids of `tenant=ID`, '' for no tenant. Throws CommandFailure 2 for anything else. */
export function expectedTenants(texts: readonly string[]): readonly string[] {
  return texts.map((text) => {
    const [, tenant] = /^tenant=(.*)$/s.exec(text) ?? []
    if (tenant === undefined) throw new CommandFailure(exitCode.usage, `--expect ${text}: write --expect tenant=ID`)
    return tenant
  })
}

/**
 * Throws CommandFailure 1 unless each series reaches one of these tenants, and no other. What a rule drops on one of
 * several ways is no matter, nor what is written to standard output.
 */
export function holdTo(tenants: readonly string[], series: readonly JudgedSeries[]): void {
  if (tenants.length === 0) return
  const wrong = series.flatMap(({ labels, ends }) => {
    const others = ends.filter((end) => !isFine(end, tenants))
    const isThere = ends.some(({ kind }) => kind === 'tenant' || kind === 'untenanted')
    if (others.length === 0 && isThere) return []
    const what = (others.length > 0 ? others : ends).map(({ text, at, rule }) => `${text} at ${at}, by ${rule}`)
    return [`  ${labelsText(labels)}: ${what.length === 0 ? 'it goes nowhere' : what.join('; ')}`]
  })
  if (wrong.length === 0) return
  const list = tenants.map((tenant) => `tenant=${tenant}`).join(' ')
  const lines = [`expected ${list}: ${wrong.length} of ${series.length} series don’t go there`, ...wrong]
  throw new CommandFailure(exitCode.failed, lines.join('\n'))
}

const isFine = ({ kind, tenant = '' }: End, tenants: readonly string[]): boolean =>
  kind === 'tenant' || kind === 'untenanted' ? tenants.includes(tenant) : kind !== 'refused'
