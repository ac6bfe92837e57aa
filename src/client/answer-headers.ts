// Headers as Node's parsers give them, in the form that answers have: one text for each name.

type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** Repeated headers are joined with ", "; HTTP/2's pseudo-headers are left out. */
export function joinedHeaders(headers: Headers): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !name.startsWith(':'))
      result[name] = typeof value === 'object' ? value.join(', ') : String(value)
  return result
}
