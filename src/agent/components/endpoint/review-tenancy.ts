// A tenancy behind a tenancy: what one endpoint has sorted by tenant, and forwards, another one sorts again.

import type { Report } from '../../graph/component.ts'
import type { Block } from '../../syntax/ast.ts'

const within = (block: Block, name: string): readonly Block[] =>
  block.body.filter((statement): statement is Block => statement.kind === 'block' && statement.name.join('.') === name)

const hasTenancy = (component: Block): boolean =>
  within(component, 'endpoint').some((endpoint) => within(endpoint, 'tenancy').length > 0)

const idOf = ({ name, label }: Block): string => [...name, label].join('.')

/** Warns at each `tenancy` whose data comes to another one. */
export function reviewTenancy(block: Block, downstream: (part: Block) => readonly Block[], report: Report): void {
  for (const endpoint of within(block, 'endpoint')) {
    const [tenancy] = within(endpoint, 'tenancy')
    const again = tenancy === undefined ? [] : downstream(endpoint).filter(hasTenancy)
    if (tenancy === undefined || again.length === 0) continue
    const message = `tenants are found here, and again in ${again.map(idOf).join(', ')}`
    const hint = 'the later one sees the id found here in `__tenant_id__`; leave one of them out unless both are meant'
    report('warning', tenancy.nameSpan, message, hint)
  }
}
