// What is to be explained: label sets, lines of exposition text, the items of a captured body.

import { readFileSync } from 'node:fs'
import type { Label } from '../../wire/codec.ts'
import { LabelReader } from '../../wire/loki/label-text.ts'
import { type CapturedItem, readCapturedBody } from '../captured-body.ts'
import { CommandFailure, exitCode } from '../exit.ts'

export interface Asked {
  /** Label sets; `-` reads lines of them, or of exposition text, from standard input. */
  readonly sets: readonly string[]
  readonly body?: string
  readonly logs?: boolean
  readonly contentType?: string
  readonly header?: readonly string[]
}

/** One item and the inbound headers, names in lower case. */
export type AskedItem = CapturedItem & { readonly headers: Readonly<Record<string, string>> }

/** Throws CommandFailure, with 2 where there is nothing to explain or it can't be understood. */
export function readQuestions({ sets, body, logs = false, contentType, header = [] }: Asked): readonly AskedItem[] {
  const signal = logs ? 'logs' : 'metrics'
  const headers = Object.fromEntries(header.map(readHeader))
  const items: CapturedItem[] = labelSets(sets).map((labels) => ({ signal, labels }))
  if (body !== undefined) items.push(...readCapturedBody(body, logs, contentType))
  else if (items.length === 0) {
    throw new CommandFailure(
      exitCode.usage,
      'nothing to explain: give label sets such as \'{__name__="up", tenant="a"}\', or --body FILE',
    )
  }
  return items.map((item) => ({ ...item, headers }))
}

function labelSets(sets: readonly string[]): Label[][] {
  const texts = sets.flatMap((set) => (set === '-' ? readFileSync(0, 'utf8').split('\n') : [set]))
  return texts.filter((text) => !/^\s*(#|$)/.test(text)).map(readLabels)
}

/** What follows the labels on a line of exposition text: value, time, exemplar. */
const afterLabels = /(?<=\}|^[\w:]+)\s+[^\s{}"#]+(\s+-?[\d.]+)?(\s+#\s*\{[^}]*\}\s.*)?$/

/** `name{a="b"}` or `{a="b"}`; the rest of an exposition line may follow. */
function readLabels(text: string): Label[] {
  const series = text.trim().replace(afterLabels, '')
  const bytes = Buffer.from(series)
  const reader = new LabelReader()
  reader.open(bytes, 0, bytes.length)
  const labels: Label[] = []
  while (reader.next()) {
    const name = Buffer.from(reader.names.subarray(reader.nameAt, reader.nameEnd)).toString()
    labels.push([name, Buffer.from(reader.value()).toString()])
  }
  if (reader.fault !== undefined)
    throw new CommandFailure(exitCode.usage, `${text}\n  is no label set: ${reader.fault}`)
  return labels
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new CommandFailure(exitCode.usage, `--header "${text}": write it as "Name: value"`)
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()]
}
