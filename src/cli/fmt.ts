// `sluice fmt`: a configuration file in Alloy's one form, to standard output or back into the file.

import type { Readable } from 'node:stream'
import { parseFile } from '../agent/syntax/parse.ts'
import { printFile } from '../agent/syntax/print.ts'
import { printAlloyDiagnostics } from '../agent/syntax/print-diagnostics.ts'
import { textOfBytes } from '../agent/syntax/text-of-bytes.ts'
import { CommandFailure, exitCode } from './exit.ts'
import { readBytes, writeText } from './files.ts'

export interface FmtOptions {
  /** Into the file, if that changes it. */
  readonly write?: boolean
  /** Only says, by exit code 1, that formatting would change something. */
  readonly test?: boolean
}

export interface FmtStreams {
  readonly input: Readable
  readonly output: { write(text: string): unknown }
  /** Escape sequences in what is said about errors. */
  readonly color: boolean
}

/**
 * `path` `-`: standard input. Throws CommandFailure: 2 for options that exclude each other, 1 where the file can't be
 * read or written or `test` finds it unformatted, 78 for a file with errors, all of which are printed.
 */
export async function fmt(
  path: string,
  { write = false, test = false }: FmtOptions,
  streams: FmtStreams,
): Promise<void> {
  const isInput = path === '-'
  if (write && test) throw new CommandFailure(exitCode.usage, 'cannot use -w/--write and -t/--test at the same time')
  if (write && isInput) throw new CommandFailure(exitCode.usage, 'cannot use -w/--write with standard input')
  const name = isInput ? '<stdin>' : path
  const bytes = isInput ? await readAll(streams.input) : readBytes(path)
  const text = textOfBytes(bytes)
  const { file, diagnostics } = parseFile(name, text)
  if (diagnostics.length > 0) {
    const print = printAlloyDiagnostics(new Map([[name, text]]), diagnostics, { color: streams.color })
    throw new CommandFailure(exitCode.badConfiguration, print.trimEnd())
  }
  const printed = printFile(file)
  if (test) {
    if (printed === text) return
    throw new CommandFailure(exitCode.failed, `${name}: not formatted; sluice fmt -w writes it in the one form`)
  }
  if (!write) streams.output.write(printed)
  else if (printed !== text) writeText(path, printed)
}

async function readAll(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of input) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
