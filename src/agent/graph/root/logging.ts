// The root block `logging`: which lines are written, how and where to.

import type { AnyKind, Decoded } from '../component.ts'
import { rootKind } from './root-kind.ts'

export interface LoggingSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'logfmt' | 'json'
  readonly destination: 'stderr'
}

export const loggingKind = (apply: (settings: LoggingSettings) => void | Promise<void>): AnyKind =>
  rootKind({
    name: 'logging',
    doc: 'How and where the program writes its log.',
    schema: {
      attributes: {
        level: {
          type: 'enum',
          values: ['debug', 'info', 'warn', 'error'],
          exact: 'unrecognized log level ',
          default: 'info',
          doc: 'The least grave lines that are written.',
        },
        format: {
          type: 'enum',
          values: ['logfmt', 'json'],
          exact: 'unrecognized log format ',
          default: 'logfmt',
          doc: 'How lines are written.',
        },
        destination: {
          type: 'enum',
          values: ['stderr'],
          exact: 'unsupported log destination ',
          default: 'stderr',
          doc: 'Where lines go.',
        },
      },
      blocks: {},
      unsupported: { write_to: 'take it out, and collect standard error instead' },
    },
    settle: ({ values }: Decoded) => Object.fromEntries(values) as unknown as LoggingSettings,
    apply,
  })
