// YAML text to a tree of nodes with positions, read as yaml.v2 reads it: one document, scalars left as text. Any text
// at all gives a tree or diagnostics: nesting is bounded before the composer, which recurses, sees it.

import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isNode,
  type ParsedNode,
  Parser,
  visit,
  type YAMLError,
} from 'yaml'
import type { Span } from './source-file.ts'

export interface YamlProblem {
  readonly severity: 'error' | 'warning'
  readonly span: Span
  readonly message: string
  readonly hint?: string
}

export interface YamlDocument {
  readonly root: ParsedNode | null
  readonly problems: readonly YamlProblem[]
  /** What an alias stands for; other nodes stand for themselves. undefined: no such anchor before it. */
  resolve(node: ParsedNode): ParsedNode | undefined
}

const maxDepth = 64

const depthOf = (token: CST.Token): { depth: number; at: number } => {
  let deepest = { depth: 0, at: 0 }
  const open: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    if (depth > deepest.depth) deepest = { depth, at: token.offset }
    if ('value' in token && typeof token.value === 'object') open.push({ token: token.value, depth })
    if (!('items' in token)) continue
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 })
      if (item.value) open.push({ token: item.value, depth: depth + 1 })
    }
  }
  return deepest
}

/** The composer's own texts quote the source, secrets included; these don't. */
const messages: Readonly<Record<string, readonly [message: string, hint?: string]>> = {
  BAD_ALIAS: ['this alias is not well formed', 'write * and a name, or put the value in quotes'],
  BAD_DIRECTIVE: ['this directive is not known', 'put a value that begins with % in quotes'],
  BAD_DQ_ESCAPE: ['not an escape sequence', 'write \\\\ for a backslash, or use single quotes'],
  BAD_INDENT: ['the indentation does not fit the lines above', 'or a [ or { above is not closed'],
  BAD_SCALAR_START: ['a value cannot start with this character', 'put the value in quotes'],
  BLOCK_AS_IMPLICIT_KEY: ['a second `key:` on one line', 'put a value that contains ": " in quotes'],
  BLOCK_IN_FLOW: ['a block inside [ ] or { }', 'a [ or { above is not closed'],
  MISSING_CHAR: [
    'something is missing here: a colon, a closing quote or a closing bracket',
    'look at the line above, too',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key without a colon', 'write `key: value`'],
  TAB_AS_INDENT: ['tabs cannot indent', 'use spaces'],
}

const problemOf = (error: YAMLError): YamlProblem => {
  const [message, hint] = messages[error.code] ?? [
    'this is not well-formed YAML',
    'put a text with special characters in quotes',
  ]
  const span = { start: error.pos[0], end: error.pos[1] }
  return { severity: 'error', span, message, ...(hint === undefined ? {} : { hint }) }
}

const empty = (problems: readonly YamlProblem[]): YamlDocument => ({ root: null, problems, resolve: (node) => node })

/** The first document of a text; never throws. */
export function parseYaml(text: string): YamlDocument {
  const tokens: CST.Token[] = []
  for (const token of new Parser().parse(text)) {
    const { depth, at } = depthOf(token)
    if (depth > maxDepth) {
      return empty([
        { severity: 'error', span: { start: at, end: at + 1 }, message: `nested more than ${maxDepth} deep` },
      ])
    }
    tokens.push(token)
  }
  const composer = new Composer({ schema: 'failsafe', version: '1.1', uniqueKeys: false, prettyErrors: false })
  const documents = [...composer.compose(tokens)] as Document.Parsed[]
  const first = documents[0]
  if (first === undefined) return empty([])
  const problems = first.errors.map(problemOf)
  const second = documents[1]
  if (second !== undefined) {
    const start = second.range[0]
    problems.push({
      severity: 'warning',
      span: { start, end: start },
      message: 'only the first document of the file counts; the rest is ignored',
    })
  }
  return { root: first.contents, problems, resolve: resolver(first) }
}

function resolver(document: Document.Parsed): YamlDocument['resolve'] {
  const anchors = new Map<string, ParsedNode>()
  const targets = new Map<unknown, ParsedNode | undefined>()
  visit(document, (_, node) => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source))
    else if (isNode(node) && 'anchor' in node && node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode)
  })
  return (node) => (isAlias(node) ? targets.get(node) : node)
}
