// Calls functions that the library's users gave. Whatever these do, the push goes on.

/** Calls it; what it throws, or rejects with, becomes a process warning. */
export function tell<T>(name: string, listener: (event: T) => unknown, event: T): void {
  try {
    const returned = listener(event)
    if (returned instanceof Promise) returned.catch((cause: unknown) => warn(name, cause))
  } catch (cause) {
    warn(name, cause)
  }
}

function warn(name: string, cause: unknown): void {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  process.emitWarning(`${name} threw, which did not disturb the push: ${text}`, 'SluiceWarning')
}
