// Which tenant ids are valid once the prefix is on (the rule that Mimir, Cortex and Loki share).

// Senders choose the values: a first character that doesn't fit is found without a copy of the rest.
const forbidden = /[^A-Za-z0-9!\-_.*'()]/u
const reserved: ReadonlySet<string> = new Set(['.', '..', '__mimir_cluster'])

/** A final id has at most this many bytes; valid ones are ASCII, so characters and bytes are the same. */
export const maxTenantIdBytes = 150

/** Why this can't be a final tenant id, as the end of a sentence about it; undefined if it can. */
export function tenantIdProblem(id: string): string | undefined {
  if (id === '') return 'it is empty'
  if (reserved.has(id)) return 'this name is reserved'
  return tenantIdPartProblem(id, maxTenantIdBytes)
}

/** The same for a part of an id, such as a prefix, that may take up at most `maxBytes`. */
export function tenantIdPartProblem(part: string, maxBytes: number): string | undefined {
  const bad = forbidden.exec(part)?.[0]
  if (bad !== undefined) {
    return `it contains ${JSON.stringify(bad)}; allowed are A-Z a-z 0-9 ! - _ . * ' ( )`
  }
  if (part.length > maxBytes) return `it has ${part.length} bytes; at most ${maxBytes} are allowed`
  return undefined
}
