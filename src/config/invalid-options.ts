// All problems of a library call's options as the one error that is thrown.

import { SluiceError } from '../errors.ts'
import type { OptionProblem } from './read-options.ts'

const line = ({ name, message, hint }: OptionProblem): string =>
  `${name === '' ? '' : `${name}: `}${message}${hint === undefined ? '' : ` (${hint})`}`

/** SluiceError CONFIG_INVALID that lists the problems, one per line. */
export function invalidOptions(problems: readonly OptionProblem[]): SluiceError {
  const lines = problems.map(line)
  const text = lines.length === 1 ? ` ${lines[0]}` : lines.map((each) => `\n  ${each}`).join('')
  return new SluiceError('CONFIG_INVALID', `the options are wrong:${text}`)
}
