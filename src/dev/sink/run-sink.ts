// `sluice sink`: the test receiver as a program of its own.

import { type Sink, startSink } from './sink.ts'

/** Starts the receiver on `listen` (host:port) and prints one line with its URLs through `write`. The caller closes it. */
export async function runSink(listen: string, write: (line: string) => void, strict = true): Promise<Sink> {
  const sink = await startSink({ listen, strict })
  write(`sluice sink: metrics ${sink.pushUrl}  logs ${sink.lokiUrl}  what arrived ${sink.url}/api/tenants`)
  return sink
}
