// The rules that the test receiver holds senders to. Each has a name, the status it is refused with, and its source.

/** Rule → status. Names are stable: tests compare them. */
export const ruleStatus = {
  /** Pushes are POSTs (remote write 1.0, "Protocol"). */
  method: 405,
  /** `X-Scope-OrgID` is there (Mimir, Loki). */
  'tenant-missing': 401,
  /** 1–150 bytes of `A-Z a-z 0-9 ! - _ . * ' ( )`; not `.`, `..`, `__mimir_cluster` (Mimir, "About tenant IDs"). */
  'tenant-invalid': 400,
  /** `application/x-protobuf`, with `proto` of one of the two messages (remote write 1.0, 2.0); without (Loki). */
  'content-type': 415,
  /** `snappy` (remote write 1.0; Loki takes its absence for snappy too). */
  'content-encoding': 415,
  /** `X-Prometheus-Remote-Write-Version: 0.1.0` (remote write 1.0), or 2.… (2.0). */
  version: 400,
  /** `User-Agent` is there (remote write 1.0, RFC 9110). */
  'user-agent': 400,
  /** The body fits the receiver. */
  'body-size': 413,
  snappy: 400,
  protobuf: 400,
  /** Labels and lines are UTF-8. */
  utf8: 400,
  /** At least one series or metadata entry. */
  'empty-request': 400,
  'no-labels': 400,
  /** Sorted by name, byte by byte (remote write 1.0, "Labels"). */
  'label-order': 400,
  'label-duplicate': 400,
  'label-name-empty': 400,
  'label-value-empty': 400,
  /** Samples of one series ascend in time (remote write 1.0, "Ordering"). */
  'sample-order': 400,
  /** The symbol table begins with the empty string (remote write 2.0, "Symbols"). */
  'symbols-first': 400,
  /** No symbol is there twice (the same). */
  'symbols-duplicate': 400,
  /** No symbol is there for nothing: parts must not carry what belongs to others. Of the proxy's making, no demand of 2.0. */
  'symbols-unused': 400,
  /** References are in range, and those of labels in pairs (the same). */
  'symbol-reference': 400,
  /** A series has a name (SHOULD in remote write 2.0; Prometheus and Mimir refuse it). */
  'metric-name': 400,
  /** A series has samples or histograms (remote write 2.0, "TimeSeries"). */
  'no-data': 400,
  /** And not both of them (the same). */
  'mixed-data': 400,
  /** At least one stream with an entry (Loki). */
  'empty-push': 422,
  'stream-labels': 400,
  /** Nanoseconds from 0 to 999,999,999 (protobuf's Timestamp). */
  'entry-timestamp': 400,
} as const

export type Rule = keyof typeof ruleStatus

export interface Violation {
  readonly rule: Rule
  readonly text: string
}
