// What this layer says for people; the program's logger fits. Telemetry itself is out of reach from here.

export interface ReceiveLog {
  info(msg: string, fields?: Readonly<Record<string, unknown>>): void
  warn(msg: string, fields?: Readonly<Record<string, unknown>>): void
  error(msg: string, fields?: Readonly<Record<string, unknown>>): void
}
