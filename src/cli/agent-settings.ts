// Flags and variables of `sluice run`: those of the settings table that concern the agent as a whole. The others are the
// proxy's, and refused rather than not heard.

import { type AgentSettings, agentPaths, resolveAgentSettings } from '../config/agent-settings.ts'
import { type Diagnostic, hasErrors, printDiagnostics } from '../config/diagnostics.ts'
import type { Environment } from '../config/environment.ts'
import type { ParsedFlags } from '../config/flags.ts'
import { loadConfiguration } from '../config/load.ts'
import { settingPaths, specOf, variableOf } from '../config/settings.ts'
import { CommandFailure, exitCode } from './exit.ts'

const isAgents = (path: string): boolean => agentPaths.some((own) => own === path)
const inFile = 'in the agent it stands in the file, in the block that it concerns: docs/agent.md'

/** Throws CommandFailure 78 with every problem. Warnings go to standard error. */
export function agentSettings({ values, diagnostics: problems }: ParsedFlags, env: Environment): AgentSettings {
  const foreign = [...values]
    .filter(([path]) => !isAgents(path))
    .map(([, { name }]): Diagnostic => {
      return { severity: 'error', name, message: 'this is a setting of the proxy', hint: inFile }
    })
  const others = settingPaths.filter((path) => !isAgents(path)).flatMap(variablesOf)
  const unheard = others
    .filter((name) => (env[name] ?? '') !== '')
    .map((name): Diagnostic => {
      return { severity: 'warning', name, message: 'this is a setting of the proxy, and not read', hint: inFile }
    })
  const own = Object.fromEntries(
    Object.entries(env).filter(([name]) => name.startsWith('SLUICE_') && !others.includes(name)),
  )
  const flags = new Map([...values].filter(([path]) => isAgents(path)))
  // There is always a queue here: what is about it has an effect.
  flags.set('queue.enabled', { text: 'true', name: '--queue' })
  const loaded = loadConfiguration({ env: own, flags })
  const all = [...problems, ...foreign, ...unheard, ...loaded.diagnostics]
  if (!loaded.ok || hasErrors(all)) throw new CommandFailure(exitCode.badConfiguration, printDiagnostics(all))
  if (all.length > 0) process.stderr.write(`${printDiagnostics(all)}\n`)
  return resolveAgentSettings(loaded.configuration.settings)
}

const variablesOf = (path: Parameters<typeof specOf>[0]): readonly string[] => {
  const { variableAlias } = specOf(path)
  return [variableOf(path), ...(variableAlias === undefined ? [] : [variableAlias])]
}
