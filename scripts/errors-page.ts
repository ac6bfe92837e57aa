// docs/errors.md, made from the table of errors.
import { code, table } from '../src/config/markdown.ts'
import { errorTable } from '../src/errors.ts'

/** The page; it ends with a line break. */
export const errorsPage = (): string => `# Errors

<!-- Made by \`npm run docs\` from src/errors.ts. Edits here are lost. -->

What each error of Sluice means. A refused push is answered with the status and one line that says what is wrong; the
code is \`error\` in the admin listener's JSON and \`code\` of the library's \`SluiceError\`. Codes are never renamed.

Other statuses come from upstream: the answers of all tenants are merged into one, which names each tenant that failed.
A tenant over its \`tenancy.rate_limit\` counts as one that upstream answered with 429.

${table(
  ['code', 'status', 'meaning'],
  Object.entries(errorTable).map(([name, { status, meaning }]) => [code(name), String(status), meaning]),
)}
`
