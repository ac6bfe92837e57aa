// How much a test of the queue does: little where every change runs it, much with SLUICE_SOAK=1. What is drawn by lot
// comes from SLUICE_SEED, or from a seed that is printed.

/** Whether this is a soak. */
export const isLong = process.env.SLUICE_SOAK === '1'

/** `short` everywhere, `long` in a soak. */
export const amount = <T>(short: T, long: T): T => (isLong ? long : short)

/** A test's time limit in ms. */
export const limitMs = (shortSeconds: number, longSeconds: number): number => amount(shortSeconds, longSeconds) * 1000

export const seed = Number(process.env.SLUICE_SEED ?? Date.now() % 1_000_000)
