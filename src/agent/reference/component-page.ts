// docs/reference/NAME.md, one page for each component and root block, made from its schema.

import { defaultText, typeText } from '../../config/docs.ts'
import { code, table } from '../../config/markdown.ts'
import type { AnyKind, AttributeSpec, BlockSchema, ExportType } from '../graph/component.ts'
import { isCapsule } from '../graph/decode-attribute.ts'
import { ignoredIn, type Section, sectionsOf, unsupportedIn } from './sections.ts'

/** The page; it ends with a line break. */
export function componentPage(kind: AnyKind, isRoot: boolean): string {
  const { name, doc, stability, schema } = kind
  const [own, ...blocks] = sectionsOf(schema) as [Section, ...Section[]]
  const parts = [
    `# ${name}`,
    '<!-- Made by `npm run docs` from the component’s schema. Edits here are lost. -->',
    `${doc}${stability === 'generally-available' ? '' : ` Its stability level is ${code(stability)}.`}`,
    `\`\`\`alloy\n${usage(name, schema, isRoot)}\`\`\``,
    ...argumentsPart(own),
    ...exportsPart(kind),
    ...(blocks.length === 0 ? [] : ['## Blocks', blocks.map(blockLine).join('\n')]),
    ...blocks.flatMap(blockPart),
    ...notesPart('Taken without effect', ignoredIn(schema), 'why'),
    ...notesPart('Not supported', unsupportedIn(schema), 'what to do'),
  ]
  return `${parts.join('\n\n')}\n`
}

/** With all that it needs. */
function usage(name: string, schema: BlockSchema, isRoot: boolean): string {
  const inside = required(schema, '  ')
  const head = isRoot ? name : `${name} "NAME"`
  return inside === '' ? `${head} { }\n` : `${head} {\n${inside}}\n`
}

function required(schema: BlockSchema, indent: string): string {
  const attributes = Object.entries(schema.attributes)
    .filter(([, spec]) => spec.required)
    .map(([name, spec]) => `${indent}${name} = ${placeholder(spec)}\n`)
  const blocks = Object.entries(schema.blocks)
    .filter(([, spec]) => spec.required)
    .map(([name, spec]) => `${indent}${name} {\n${required(spec.schema, `${indent}  `)}${indent}}\n`)
  return [...attributes, ...blocks].join('')
}

const placeholder = (spec: AttributeSpec): string =>
  isCapsule(spec) || spec.type === 'list' ? '[ … ]' : spec.type === 'boolean' || spec.type === 'integer' ? '…' : '"…"'

const columns = ['argument', 'type', 'default', 'meaning'] as const

function argumentsPart({ schema }: Section): readonly string[] {
  const rows = Object.entries(schema.attributes).map(([name, spec]) => rowOf(name, spec))
  return rows.length === 0 ? [] : ['## Arguments', table(columns, rows)]
}

const rowOf = (name: string, spec: AttributeSpec): readonly string[] => [
  code(name),
  attributeType(spec),
  spec.required ? '*required*' : isCapsule(spec) ? '–' : defaultText(spec),
  spec.ignored === undefined ? spec.doc : `${spec.doc} *No effect: ${spec.ignored}.*`,
]

function attributeType(spec: AttributeSpec): string {
  if (!isCapsule(spec)) return typeText(spec)
  switch (spec.type) {
    case 'receivers':
      return `list of receivers of ${spec.signal}`
    case 'strings':
      return 'list of texts'
    case 'map_of_strings':
      return 'mapping of texts'
    case 'any':
      return 'any'
  }
}

const exportTypes: Readonly<Record<ExportType, string>> = {
  metrics: 'receiver of metrics',
  logs: 'receiver of logs',
  string: 'text',
  secret: 'text, secret',
  number: 'number',
  bool: 'boolean',
  array: 'list',
  object: 'mapping',
  any: 'any',
}

function exportsPart({ exports, exportTypes: types }: AnyKind): readonly string[] {
  const rows = Object.entries(exports).map(([name, doc]) => [code(name), exportTypes[types?.[name] ?? 'any'], doc])
  return rows.length === 0 ? [] : ['## Exports', table(['export', 'type', 'meaning'], rows)]
}

const blockTitle = (path: readonly string[]): string => path.join(' > ')

const blockLine = ({ path, block }: Section): string =>
  `${'  '.repeat(path.length - 1)}- ${code(blockTitle(path))}: ${block?.doc}${block?.required ? ' *Required.*' : ''}${block?.repeated ? ' *May stand several times.*' : ''}`

function blockPart({ path, block, schema }: Section): readonly string[] {
  const rows = Object.entries(schema.attributes).map(([name, spec]) => rowOf(name, spec))
  const ignored = block?.ignored === undefined ? '' : ` *No effect: ${block.ignored}.*`
  return rows.length === 0 ? [] : [`### ${blockTitle(path)}`, `${block?.doc}${ignored}`, table(columns, rows)]
}

function notesPart(
  title: string,
  notes: readonly { readonly name: string; readonly reason: string }[],
  column: string,
): readonly string[] {
  if (notes.length === 0) return []
  const rows = notes.map(({ name, reason }) => [code(name), reason])
  return [`## ${title}`, table(['argument or block', column], rows)]
}
