// Which tenant each series goes to, asked from outside: by the settings and the `route` that pushes go through.

import { compileGlobs } from '../config/glob.ts'
import type { ProxySettings } from '../config/proxy-settings.ts'
import { maskUrl } from '../config/upstream-url.ts'
import { collisionsOf, labelsText } from '../tenancy/collisions.ts'
import { type Explanation, explainRoute } from '../tenancy/explain.ts'
import { compileRouter, prefixOf, type Router, sentLabels } from '../tenancy/route.ts'
import type { Label } from '../wire/codec.ts'

export interface Question {
  /** In wire order; a name may occur twice. */
  readonly labels: readonly Label[]
  /** Inbound headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: 'metrics' | 'logs'
  /** Why the item is malformed, for one of a captured body: it is refused whatever its labels say. */
  readonly fault?: string
}

export interface Explained extends Explanation {
  readonly signal: 'metrics' | 'logs'
  readonly labels: readonly Label[]
  /** The labels it is sent with, the URL without credentials, and the tenant header; absent where it is not sent. */
  readonly sent?: { readonly labels: readonly Label[]; readonly url: string; readonly header: string }
}

export interface Report {
  readonly outcomes: readonly Explained[]
  /** Series of one tenant that are the same once the tenant label is removed. */
  readonly warnings: readonly string[]
}

/** Makes the function that answers questions under these settings. */
export function createExplainer(settings: ProxySettings): (questions: readonly Question[]) => Report {
  const routers = {
    metrics: compileRouter(settings.metrics.tenancy),
    logs: compileRouter(settings.logs.tenancy),
  }
  return (questions) => {
    const outcomes = questions.map((question) =>
      explain(question, routers[question.signal], settings[question.signal].upstream.url),
    )
    return { outcomes, warnings: collisions(outcomes) }
  }
}

function explain({ labels, headers, signal, fault }: Question, router: Router, url: string): Explained {
  if (fault !== undefined) {
    const verdict = { tenant: undefined, outcome: 'rejected', rule: 'malformed', reason: 'malformed' } as const
    return { signal, labels, ...verdict, trace: [fault] }
  }
  const explanation = explainRoute(labels, router, prefixOf(router.settings, headers))
  const { tenant, outcome } = explanation
  if (outcome !== 'tenant' || tenant === undefined) return { signal, labels, ...explanation }
  const own = router.settings.override.find((override) => compileGlobs(override.tenants)(tenant))
  const header = `${router.settings.header}: ${tenant}`
  const sent = { labels: sentLabels(labels, router), url: maskUrl(own?.url ?? url), header }
  return { signal, labels, ...explanation, sent }
}

function collisions(outcomes: readonly Explained[]): string[] {
  const series = outcomes.flatMap(({ signal, tenant, labels, sent }) =>
    sent === undefined ? [] : [{ to: `${signal} ${tenant}`, tenant, labels, sent: sent.labels }],
  )
  return collisionsOf(series).map(
    ({ one, other: { labels, tenant } }) =>
      `${labelsText(one)} and ${labelsText(labels)} are the same series of tenant ${tenant} once the tenant label is removed`,
  )
}
