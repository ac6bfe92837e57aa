// The program's log as the root block `logging` has it: level and form may change with each load.

import { createLogger, type RootLog } from '../../telemetry/log.ts'
import { logfmtLine } from '../../telemetry/logfmt.ts'
import type { LoggingSettings } from '../graph/root/logging.ts'

export interface AgentLog extends RootLog {
  /** For all loggers made from it, at once. */
  apply(settings: LoggingSettings): void
}

/** At `info`, as logfmt, until told otherwise. `write` takes whole lines; default: standard error. */
export function createAgentLog(write: (line: string) => void = (line) => process.stderr.write(line)): AgentLog {
  let format: LoggingSettings['format'] = 'logfmt'
  const log = createLogger({ level: 'info', write: (line) => write(format === 'json' ? line : logfmtLine(line)) })
  return Object.assign(log, {
    apply(settings: LoggingSettings): void {
      format = settings.format
      log.setLevel(settings.level)
    },
  })
}
