// The test receiver, for as long as a test runs.

import { onTestFinished } from 'vitest'
import { type Sink, type SinkOptions, startSink } from '../../src/dev/sink/sink.ts'

export async function testSink(options?: SinkOptions): Promise<Sink> {
  const sink = await startSink(options)
  onTestFinished(() => sink.close())
  return sink
}
