// `sluice sink`: the test receiver as a program.

import { parseAddress } from '../config/address.ts'
import { runSink } from '../dev/sink/run-sink.ts'
import { CommandFailure, exitCode } from './exit.ts'
import { ended } from './signals.ts'

/** Runs until SIGINT or SIGTERM. Fails with 2 where `listen` is no address, with 1 where it can't be had. */
export async function sink(listen: string, strict: boolean): Promise<void> {
  if (parseAddress(listen) === undefined) {
    throw new CommandFailure(exitCode.usage, `--listen "${listen}": write host:port, such as 127.0.0.1:9009`)
  }
  const receiver = await runSink(listen, (line) => process.stdout.write(`${line}\n`), strict).catch((error: Error) => {
    throw new CommandFailure(exitCode.failed, `--listen "${listen}": ${error.message}`)
  })
  await ended()
  await receiver.close()
}
