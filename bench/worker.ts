// Load generator and receiver run in processes of their own, so that their work is never counted as the program's.
// A worker offers named calls; arguments and results are copied between the processes, bigints and Maps included.

import { type ChildProcess, fork } from 'node:child_process'

/** The calls that a worker offers. Each takes one argument. */
export type Api = Record<string, (argument: never) => unknown>

type Argument<F> = F extends (argument: infer A) => unknown ? A : never
type Result<F> = F extends (argument: never) => infer R ? Awaited<R> : never

export interface Worker<A extends Api> {
  readonly pid: number
  /** Rejects with what the call threw, or when the worker ends before it answers. */
  call<M extends keyof A & string>(method: M, argument: Argument<A[M]>): Promise<Result<A[M]>>
  stop(): void
}

interface Question {
  readonly id: number
  readonly method: string
  readonly argument: unknown
}

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** Starts a worker: a TypeScript file that calls `serveCalls`. It ends with this process, whatever ends it. */
export function startWorker<A extends Api>(file: URL): Worker<A> {
  const child: ChildProcess = fork(file, {
    execArgv: ['--import', 'tsx', '--max-semi-space-size=16'],
    serialization: 'advanced',
    // ctrl-C reaches the whole foreground group: a worker leaves it to the runner to end it.
    detached: true,
  })
  const open = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  let last = 0
  child.on('message', ({ id, result, error }: Reply) => {
    const waiting = open.get(id)
    open.delete(id)
    if (error === undefined) waiting?.resolve(result as never)
    else waiting?.reject(new Error(error))
  })
  child.on('exit', (code, signal) => {
    for (const { reject } of open.values())
      reject(new Error(`worker ${file.pathname.split('/').at(-1)} ended (${signal ?? code})`))
    open.clear()
  })
  return {
    pid: child.pid ?? 0,
    call: (method, argument) =>
      new Promise((resolve, reject) => {
        const id = ++last
        open.set(id, { resolve, reject })
        child.send({ id, method, argument } satisfies Question)
      }),
    stop: () => child.kill('SIGKILL'),
  }
}

/** In the worker: answers calls until the runner is gone. */
export function serveCalls(api: Api): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async ({ id, method, argument }: Question) => {
    const reply = await Promise.resolve()
      .then(() => api[method]!(argument as never))
      .then(
        (result): Reply => ({ id, result }),
        (error): Reply => ({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
    process.send?.(reply)
  })
}
