// Variables to entries: CT_* for ct's keys, SLUICE_* for every path. An empty variable is unset. What is not known is
// ignored, for SLUICE_* with a warning; values of unknown variables are never shown.

import type { Diagnostic } from './diagnostics.ts'
import { nearest } from './nearest.ts'
import { precedence, type Reading } from './origin.ts'
import { type SettingPath, settingPaths, specOf, variableOf } from './settings.ts'
import { TextReading } from './text-reading.ts'

export type Environment = Readonly<Record<string, string | undefined>>

interface Variable {
  readonly path: SettingPath
  readonly rank: number
}

const known: ReadonlyMap<string, Variable> = new Map(
  settingPaths.flatMap((path): (readonly [string, Variable])[] => {
    const { ct, variableAlias } = specOf(path)
    const own = { path, rank: precedence.SLUICE }
    const names = [[variableOf(path), own] as const]
    if (variableAlias !== undefined) names.unshift([variableAlias, own])
    return ct === undefined ? names : [...names, [ct.env, { path, rank: precedence.CT }] as const]
  }),
)

/** Kubernetes sets these for every Service of the namespace; one named "sluice" is no mistake. */
const serviceLink = /^SLUICE_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?)$/

function unknownVariable(name: string): Diagnostic | undefined {
  if (!name.startsWith('SLUICE_') || serviceLink.test(name)) return undefined
  const similar = nearest(
    name,
    [...known.keys()].filter((variable) => variable.startsWith('SLUICE_')),
  )
  return {
    severity: 'warning',
    name,
    message: 'no setting has this variable; it is ignored',
    ...(similar === undefined ? {} : { hint: `did you mean ${similar}?` }),
  }
}

/** Reads the variables of a process. */
export function readEnvironment(environment: Environment): Reading {
  const reading = new TextReading()
  for (const name of Object.keys(environment).sort()) {
    const text = environment[name]
    if (text === undefined || text === '') continue
    const variable = known.get(name)
    if (variable === undefined) {
      const unknown = unknownVariable(name)
      if (unknown !== undefined) reading.diagnostics.push(unknown)
      continue
    }
    reading.add(text, { ...variable, origin: { kind: 'env', name } })
  }
  return reading
}
