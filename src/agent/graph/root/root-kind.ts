// A root block as a kind of component: one without label, that is always there, and whose settings the program puts to
// work. Taken out of the file it goes back to its defaults.

import type { AnyKind, BlockSchema, ComponentKind, Decoded, Report } from '../component.ts'
import { emptyBlock } from '../decode-block.ts'

interface RootKindOptions<Args> {
  readonly name: string
  readonly doc: string
  readonly schema: BlockSchema
  readonly settle: (decoded: Decoded, report: Report) => Args | undefined
  readonly apply: (args: Args) => void | Promise<void>
}

export function rootKind<Args>({ name, doc, schema, settle, apply }: RootKindOptions<Args>): AnyKind {
  const defaults = (): Args => settle(emptyBlock(schema, { start: 0, end: 0 }), () => undefined) as Args
  const kind: ComponentKind<Args, undefined> = {
    name,
    doc,
    stability: 'generally-available',
    schema,
    exports: {},
    settle,
    exportsOf: () => new Map(),
    async build(args) {
      await apply(args)
      return { update: apply, stop: async () => apply(defaults()) }
    },
  }
  return kind
}
