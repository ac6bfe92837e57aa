// SIGINT and SIGTERM, as values.

/** Resolves at the first SIGINT or SIGTERM; `again` aborts at the second. */
export function ended(): Promise<{ readonly signal: NodeJS.Signals; readonly again: AbortSignal }> {
  const again = new AbortController()
  let first = true
  return new Promise((resolve) => {
    const on = (signal: NodeJS.Signals): void => {
      if (!first) again.abort()
      first = false
      resolve({ signal, again: again.signal })
    }
    process.on('SIGINT', on)
    process.on('SIGTERM', on)
  })
}
