// Optional properties that are absent, not undefined, where there is no value.

/** The properties that have a value. */
export function given<T extends object>(properties: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T
}
