// Makes a program that runs under `--inspect` collect its garbage, so that its memory is what it holds.

import { once } from 'node:events'
import { WebSocket } from 'undici'
import type { Program } from './program.ts'

/** For a program's environment. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/** Collects everything that can be collected. The program must have been started with `inspected`. */
export async function collectGarbage(program: Program): Promise<void> {
  await ask(program, collect, collect)
}

/**
 * What the program's objects and buffers take, under load too: the least of some looks, each after a collection. What
 * the allocator keeps for later is not in it. In bytes.
 */
export async function heldBytes(program: Program): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < 5; k++) {
    const { result } = await ask<{ result: { value: number } }>(program, collect, collect, use)
    least = Math.min(least, result.value)
  }
  return least
}

const collect = { method: 'HeapProfiler.collectGarbage' }
const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())'
const use = { method: 'Runtime.evaluate', params: { expression, returnByValue: true } }

/** One command after the other; resolves to what the last one brought. */
async function ask<T>(program: Program, ...commands: readonly object[]): Promise<T> {
  const [url] = await program.line(/ws:\/\/\S+/)
  const socket = new WebSocket(url)
  await once(socket, 'open')
  let result: unknown
  for (const [id, command] of commands.entries()) {
    socket.send(JSON.stringify({ id, ...command }))
    const [{ data }] = await once(socket, 'message')
    result = JSON.parse(String(data)).result
  }
  socket.close()
  await once(socket, 'close')
  return result as T
}
