// A block along its schema: every problem in it is reported, in place, and what is right is decoded all the same. The
// texts are Alloy's (syntax/vm/struct_decoder.go); hints say what to do.

import { looksSecret } from '../../config/excerpt.ts'
import { nearest, nearestHint } from '../../config/nearest.ts'
import type { Span } from '../../config/source-file.ts'
import type { Attribute, Block, Expression } from '../syntax/ast.ts'
import type { Scope } from '../syntax/scope.ts'
import type { BlockSchema, Decoded, Report } from './component.ts'
import { decodeAttribute, isCapsule, isSecret } from './decode-attribute.ts'
import { place, spanOf } from './placed.ts'
import { literalTexts, withoutTexts } from './secret-spans.ts'

export interface DecodeContext {
  readonly scope: Scope
  /** Whether an expression can be evaluated now; default: all can. What can't is left out. */
  readonly isKnown?: (expression: Expression) => boolean
  readonly report: Report
  /** Whether the parser stumbled in a block: what is missing from it may only be unread. */
  readonly isBroken?: (block: Block) => boolean
  /** Told the place of each text that must not be shown. */
  readonly secret?: (span: Span) => void
}

export interface DecodedBlock {
  readonly decoded: Decoded
  /** Errors were reported. */
  readonly hasFailed: boolean
  /** It without those of its repeated blocks of which something could not be read; undefined: something else could not. */
  readonly sound: Decoded | undefined
  /** All of it could be evaluated. */
  readonly isWhole: boolean
}

/** What a block without content decodes to. */
export const emptyBlock = (schema: BlockSchema, span: Span): Decoded => ({
  span,
  values: defaultsOf(schema),
  spans: new Map(),
  blocks: new Map(),
})

/** Decodes a block, its label apart. */
export function decodeBlock(block: Block, schema: BlockSchema, context: DecodeContext): DecodedBlock {
  const decoder = new BlockDecoder(block, schema, context)
  return decoder.decode()
}

function defaultsOf(schema: BlockSchema): Map<string, unknown> {
  const defaults = new Map<string, unknown>()
  for (const [name, spec] of Object.entries(schema.attributes)) {
    const value = isCapsule(spec) ? undefined : (spec as { readonly default?: unknown }).default
    if (value !== undefined) defaults.set(name, value)
  }
  return defaults
}

class BlockDecoder {
  readonly #block: Block
  readonly #schema: BlockSchema
  readonly #context: DecodeContext
  readonly #values: Map<string, unknown>
  readonly #spans = new Map<string, Span>()
  readonly #blocks = new Map<string, Decoded[]>()
  readonly #seen = new Set<string>()
  #hasFailed = false
  /** What names that nobody knows may have been meant for: of an attribute with `=` in front, of a block. */
  readonly #meant: string[] = []
  readonly #soundBlocks = new Map<string, Decoded[]>()
  #isMisread = false
  #isMisreadInside = false
  #isWhole = true

  constructor(block: Block, schema: BlockSchema, context: DecodeContext) {
    this.#block = block
    this.#schema = schema
    this.#context = context
    this.#values = defaultsOf(schema)
  }

  decode(): DecodedBlock {
    for (const statement of this.#block.body) {
      if (statement.kind === 'attribute') this.#attribute(statement)
      else this.#nested(statement)
    }
    this.#findMissing()
    // What is there under its right name was not meant.
    if (this.#meant.some((name) => !this.#seen.has(name))) this.#misread()
    const decoded = { span: spanOf(this.#block), values: this.#values, spans: this.#spans, blocks: this.#blocks }
    const sound = this.#isMisread ? undefined : { ...decoded, blocks: this.#soundBlocks }
    if (this.#isWhole) this.#judge(decoded, sound)
    return { decoded, hasFailed: this.#hasFailed, sound, isWhole: this.#isWhole }
  }

  #judge(decoded: Decoded, sound: Decoded | undefined): void {
    const { stability = 'generally-available' } = this.#context.scope
    const report: Report = (severity, span, message, hint) => {
      this.#hasFailed ||= severity === 'error'
      this.#context.report(severity, span, message, hint)
    }
    if (this.#isMisread || this.#isMisreadInside) this.#schema.conflicts?.(decoded, report)
    if (sound !== undefined) this.#schema.check?.(sound, report, { stability })
  }

  readonly #report: Report = (severity, span, message, hint) => {
    if (severity === 'error') this.#misread()
    this.#context.report(severity, span, message, hint)
  }

  #misread(): void {
    this.#hasFailed = true
    this.#isMisread = true
  }

  #attribute(attribute: Attribute): void {
    const { name } = attribute.name
    const spec = own(this.#schema.attributes, name)
    if (spec === undefined) return void this.#notAnAttribute(attribute)
    if (isSecret(spec)) this.#hide(attribute.value)
    if (this.#seen.has(`=${name}`))
      return void this.#report(
        'error',
        spanOf(attribute),
        `attribute "${name}" may only be provided once`,
        'take one of them out',
      )
    this.#seen.add(`=${name}`)
    if (spec.ignored !== undefined) {
      this.#report('warning', spanOf(attribute.name), `attribute "${name}" has no effect here`, spec.ignored)
    }
    const isKnown = this.#context.isKnown ?? (() => true)
    const report: Report = isSecret(spec)
      ? (severity, span, message, hint) => this.#report(severity, span, withoutTexts(message, attribute.value), hint)
      : this.#report
    const placed = place(attribute.value, { scope: this.#context.scope, isKnown, report })
    if (placed === undefined) return
    if (placed.value?.type === 'null') {
      if (spec.required)
        this.#report('error', spanOf(attribute), `missing required attribute "${name}"`, 'null is no value')
      return
    }
    const outcome = decodeAttribute(spec, placed, report)
    this.#spans.set(name, spanOf(attribute.value))
    if (outcome === 'failed') this.#misread()
    else if (outcome === 'unknown') this.#isWhole = false
    else this.#values.set(name, outcome.value)
  }

  #nested(block: Block): void {
    const name = block.name.join('.')
    const spec = own(this.#schema.blocks, name)
    if (spec === undefined) return void this.#notABlock(block, name)
    if (spec.ignored !== undefined) {
      this.#report('warning', block.nameSpan, `block "${name}" has no effect here`, spec.ignored)
    }
    if (block.label !== undefined) {
      const span = { start: block.start, end: block.open + 1 }
      this.#report('error', span, `block "${name}" does not support specifying labels`, `write ${name} {`)
    }
    this.#seen.add(name)
    const list = this.#blocks.get(name) ?? []
    if (list.length > 0 && !spec.repeated) {
      this.#report('error', spanOf(block), `block "${name}" may only be specified once`, 'take one of them out')
    }
    const inner = decodeBlock(block, spec.schema, this.#context)
    this.#hasFailed ||= inner.hasFailed
    this.#isWhole &&= inner.isWhole
    this.#blocks.set(name, [...list, inner.decoded])
    if (inner.sound === undefined) {
      this.#isMisreadInside = true
      this.#isMisread ||= spec.repeated === undefined && spec.ignored === undefined
    } else this.#soundBlocks.set(name, [...(this.#soundBlocks.get(name) ?? []), inner.sound])
  }

  #notAnAttribute(attribute: Attribute): void {
    const { name } = attribute.name
    const span = spanOf(attribute)
    if (own(this.#schema.blocks, name) !== undefined) {
      this.#hide(attribute.value)
      const message = `"${name}" must be a block, but is used as an attribute`
      return void this.#report('error', span, message, `write ${name} { … }, without =`)
    }
    const known = Object.keys(this.#schema.attributes)
    const similar = nearest(name, known)
    if (looksSecret(`${name} ${similar}`)) this.#hide(attribute.value)
    if (!this.#unsupported('attribute', name, span)) {
      const hint = hintOf(similar, known, 'attributes')
      this.#unknown(span, `unrecognized attribute name "${name}"`, hint, similar && `=${similar}`)
    }
  }

  #notABlock(block: Block, name: string): void {
    hideSuspects(block, (expression) => this.#hide(expression))
    if (own(this.#schema.attributes, name) !== undefined) {
      const message = `"${name}" must be an attribute, but is used as a block`
      return void this.#report('error', spanOf(block), message, `write ${name} = …`)
    }
    const known = Object.keys(this.#schema.blocks)
    const similar = nearest(name, known)
    if (!this.#unsupported('block', name, spanOf(block))) {
      const hint = hintOf(similar, known, 'blocks')
      this.#unknown(spanOf(block), `unrecognized block name "${name}"`, hint, similar)
    }
  }

  /** A name that hides nothing of the others, unless it was `meant` for one of them. */
  #unknown(span: Span, message: string, hint: string, meant: string | undefined): void {
    this.#hasFailed = true
    if (meant !== undefined) this.#meant.push(meant)
    this.#context.report('error', span, message, hint)
  }

  #unsupported(what: 'attribute' | 'block', name: string, span: Span): boolean {
    const instead = this.#schema.unsupported === undefined ? undefined : own(this.#schema.unsupported, name)
    if (instead === undefined) return false
    this.#report('error', span, `${what} "${name}" is not supported yet`, instead)
    return true
  }

  #findMissing(): void {
    if (this.#context.isBroken?.(this.#block)) {
      this.#isWhole = false
      return
    }
    const span = spanOf(this.#block)
    for (const [name, spec] of Object.entries(this.#schema.attributes)) {
      if (spec.required && !this.#seen.has(`=${name}`)) {
        this.#report('error', span, `missing required attribute "${name}"`, `${spec.doc}`)
      }
    }
    for (const [name, spec] of Object.entries(this.#schema.blocks)) {
      if (spec.required && !this.#blocks.has(name)) {
        this.#report('error', span, `missing required block "${name}"`, spec.doc)
      }
    }
  }

  #hide(expression: Expression): void {
    if (this.#context.secret !== undefined) for (const span of literalTexts(expression)) this.#context.secret(span)
  }
}

/** Texts in a block that nobody knows are hidden where their names say that they may be secret. */
export function hideSuspects(block: Block, hide: (expression: Expression) => void, isSuspect = false): void {
  const all = isSuspect || looksSecret(block.name.join('.'))
  for (const statement of block.body) {
    if (statement.kind === 'block') hideSuspects(statement, hide, all)
    else if (all || looksSecret(statement.name.name) || /headers|params/i.test(statement.name.name))
      hide(statement.value)
  }
}

/** `did you mean`, or what there is. */
export const hintOf = (similar: string | undefined, known: readonly string[], what: string): string =>
  similar === undefined && known.length === 0 ? `there are no ${what} here` : nearestHint(similar, [...known].sort())

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
