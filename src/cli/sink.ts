// `sluice sink`: the test receiver as a program.

import { runSink } from '../dev/sink/run-sink.ts'
import { ended } from './signals.ts'

/** Runs until SIGINT or SIGTERM. */
export async function sink(listen: string, strict: boolean): Promise<void> {
  const receiver = await runSink(listen, (line) => process.stdout.write(`${line}\n`), strict)
  await ended()
  await receiver.close()
}
