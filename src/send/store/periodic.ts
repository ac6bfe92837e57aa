// Something done again and again while the store is open, never twice at a time.

export interface Periodic {
  /** Resolves when it is not under way, and won't be again. */
  stop(): Promise<void>
}

/** Does `work` every `ms` after it last ended; what it rejects with goes to `failed`. */
export function every(ms: number, work: () => Promise<unknown>, failed: (error: unknown) => void): Periodic {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isStopped = false
  const schedule = () => {
    if (isStopped) return
    timer = setTimeout(() => {
      running = work()
        .then(() => undefined, failed)
        .finally(schedule)
    }, ms)
    timer.unref()
  }
  schedule()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}
