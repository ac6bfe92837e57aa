// Makes a program that runs under `--inspect` collect its garbage, so that its memory is what it holds.

import { once } from 'node:events'
import { WebSocket } from 'undici'
import type { Program } from './program.ts'

/** For a program's environment. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/** Collects everything that can be collected. The program must have been started with `inspected`. */
export async function collectGarbage(program: Program): Promise<void> {
  const [url] = await program.line(/ws:\/\/\S+/)
  const socket = new WebSocket(url)
  await once(socket, 'open')
  for (const id of [1, 2]) {
    socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }))
    await once(socket, 'message')
  }
  socket.close()
  await once(socket, 'close')
}
