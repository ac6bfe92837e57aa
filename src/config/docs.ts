// docs/configuration.md, made from the settings table.

import { isMapSpec } from './decode-map.ts'
import { formatQuantity } from './decode-text.ts'
import { code, table } from './markdown.ts'
import { overrideOwnFields } from './override-fields.ts'
import type { SettingSpec } from './setting-spec.ts'
import { flagOf, type SettingPath, settingPaths, specOf, variableOf } from './settings.ts'

/** How the type of a row reads in tables. */
export function typeText(spec: SettingSpec): string {
  switch (spec.type) {
    case 'enum':
      return spec.values.map(code).join(', ')
    case 'list':
      return { glob: 'list of globs', label: 'list of label names', text: 'list of texts' }[spec.of]
    case 'secret':
      return spec.isUrl ? 'URL, secret password' : 'text, secret'
    case 'map':
      return spec.of === 'secret' ? 'mapping, secret values' : 'mapping, lists of secret values'
    case 'http_headers':
      return 'mapping of headers'
    case 'object':
      return 'mapping'
    case 'string':
      return spec.secret ? 'text, secret' : 'text'
    case 'address':
      return 'host:port'
    case 'header':
      return 'header name'
    case 'url':
      return 'URL'
    case 'headers':
      return 'mapping, secret values'
    case 'overrides':
      return 'list of overrides'
    case 'duration':
      return spec.ct === undefined ? 'duration' : 'Go duration'
    default:
      return spec.type
  }
}

/** The same of its default; – is none. */
export function defaultText(spec: SettingSpec): string {
  if (spec.defaultText !== undefined) return spec.defaultText
  if (!('default' in spec) || spec.default === undefined) return '–'
  const value = spec.default
  if (value === '') return 'empty'
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.map((item) => code(String(item))).join(', ')
  if (spec.type === 'duration' || spec.type === 'size') return code(formatQuantity(spec.type, value as number))
  return code(String(value))
}

const restartNote = (spec: SettingSpec): string => (spec.restart ? ' *(restart)*' : '')

const ctRow = (path: SettingPath): readonly string[] => {
  const spec = specOf(path)
  const ct = code(spec.ct?.env as string)
  const fallback = defaultText(spec) + (spec.ct?.zeroIsDefault ? '\\*' : '')
  return [
    code(path),
    `${ct}, ${code(variableOf(path))}`,
    code(flagOf(path)),
    typeText(spec),
    fallback,
    spec.doc + restartNote(spec),
  ]
}

/** What has no form as a text. */
export const isFileOnly = (spec: SettingSpec): boolean => spec.type === 'overrides' || isMapSpec(spec)

const ownRow = (path: SettingPath): readonly string[] => {
  const spec = specOf(path)
  const fileOnly = isFileOnly(spec)
  const flags = [path, ...(spec.flagAlias === undefined ? [] : [spec.flagAlias])].map((name) => code(flagOf(name)))
  const variables = [variableOf(path), ...(spec.variableAlias === undefined ? [] : [spec.variableAlias])].map(code)
  return [
    code(path),
    fileOnly ? '–' : variables.join(', '),
    fileOnly ? '–' : flags.join(', '),
    typeText(spec),
    defaultText(spec),
    spec.doc + restartNote(spec),
  ]
}

const columns = ['setting', 'variable', 'flag', 'type', 'default', 'meaning'] as const
const ownPaths = settingPaths.filter((path) => specOf(path).ct === undefined)
const groupOf = (path: string): string => (path.includes('.') ? (path.split('.')[0] as string) : 'other')

/** The page; it ends with a line break. */
export function configurationPage(): string {
  const groups = [...new Set(ownPaths.map(groupOf))]
  const overrideRows = Object.entries<SettingSpec>(overrideOwnFields).map(([path, spec]) => [
    code(path),
    typeText(spec),
    spec.doc,
  ])
  return `# Configuration

<!-- Made by \`npm run docs\` from src/config/. Edits here are lost. -->

All settings: what they do, their defaults, and where they are given. Each has one path, such as
\`tenancy.keep_label\`, and can stand in three places:

| where | how |
| --- | --- |
| file (\`--config FILE\`) | the keys of cortex-tenant ("ct") at the top; every setting, those too, by its path under \`sluice:\` |
| variable | \`SLUICE_\` and the path in upper case with \`_\` for \`.\`; cortex-tenant's \`CT_*\` variables work unchanged |
| flag | \`--\` and the path, as \`--tenancy.keep_label=true\`; a boolean may stand alone |

The first of these that is set wins: flag, \`SLUICE_*\`, \`CT_*\`, \`sluice:\`, cortex-tenant's key, default. An empty
variable is unset, and so is an empty value in a file.

\`\`\`yaml
listen: 0.0.0.0:8081
target: http://mimir:8080/api/v1/push
tenant:
  label: team
  default: shared
sluice:
  tenancy:
    allow: ["team-*", shared]
    rate_limit: { samples_per_second: 50000 }
    override:
      - tenants: [team-big]
        url: http://mimir-big:8080/api/v1/push
        rate_limit: { samples_per_second: 500000 }
\`\`\`

A file with an unknown key is refused; all problems are shown at once, each with its line and what to do, and the exit
code is 78. Unknown \`CT_*\` variables are ignored, unknown \`SLUICE_*\` variables too, with a warning. Secrets are shown
nowhere; but flags stand in the list of processes, which every user of the machine can read. A changed file takes effect
on SIGHUP or \`POST /-/reload\`, except for the settings marked *(restart)*.

Types: a **duration** is whole numbers with units in falling order (\`y w d h m s ms\`), such as \`1h30m\`; a **Go duration**
(cortex-tenant's keys) may have fractions and also takes \`us\` and \`ns\`, and a bare number in a file counts nanoseconds.
A **size** is bytes, or a number with a unit: \`KiB MiB GiB TiB\` (1024) or \`KB MB GB TB\` (1000). A **list** is a YAML list
in files and comma-separated elsewhere. A **glob** knows \`*\`, \`?\` and \`\\\` to escape them.
A file that a setting names without a full path is looked for in the working directory.

## cortex-tenant's keys

At the top of the file. A zero or empty value of a key marked \\* means its default, as in cortex-tenant.

${table(columns, settingPaths.filter((path) => specOf(path).ct !== undefined).map(ctRow))}

## Sluice's own

Under \`sluice:\` in the file.
${groups
  .map(
    (group) => `\n### ${group}\n\n${table(columns, ownPaths.filter((path) => groupOf(path) === group).map(ownRow))}\n`,
  )
  .join('')}
### tenancy.override

Each entry applies to the tenants whose final id matches one of its globs, the first such entry to each. What it gives
replaces the general setting whole.

${table(['field', 'type', 'meaning'], overrideRows)}

Beside these it may set everything of the group [client](#client) but \`headers\` and \`round_robin_dns\`, by the same
names without \`client.\`: one way to sign in replaces the general one, \`tls_config\` all of TLS, and one key about
proxies all of them.
`
}
