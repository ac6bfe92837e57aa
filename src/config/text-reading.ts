// What texts of a source give: settings, and what is wrong with them.

import { decodeText } from './decode-text.ts'
import type { Diagnostic } from './diagnostics.ts'
import type { Entry, Reading } from './origin.ts'
import { type SettingPath, specOf } from './settings.ts'

export class TextReading implements Reading {
  readonly entries: Entry[] = []
  readonly diagnostics: Diagnostic[] = []
  readonly failed: SettingPath[] = []

  /** Adds what the text says of a setting, and of its value. */
  add(text: string, { path, rank, origin }: Omit<Entry, 'value'>): void {
    const { name } = origin
    const decoded = decodeText(specOf(path), text)
    if ('problem' in decoded) {
      const hint = decoded.hint === undefined ? {} : { hint: decoded.hint }
      this.diagnostics.push({ severity: 'error', name, message: decoded.problem, ...hint })
      this.failed.push(path)
      return
    }
    if (decoded.warning !== undefined) this.diagnostics.push({ severity: 'warning', name, message: decoded.warning })
    this.entries.push({ path, rank, value: decoded.value, origin })
  }
}
