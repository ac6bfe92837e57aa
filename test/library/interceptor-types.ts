// Compiled, never run: undici 7 and undici 8 both take the interceptor as it is, wherever they take one.

import type * as Undici7 from 'undici'
import type * as Undici8 from 'undici-8'
import { tenantInterceptor } from '../../src/undici.ts'

export function seven({ Agent, interceptors, Pool }: typeof Undici7): Undici7.Dispatcher[] {
  const named: Undici7.Dispatcher.DispatcherComposeInterceptor = tenantInterceptor({ labels: ['team'] })
  return [
    new Agent().compose(tenantInterceptor()),
    new Agent().compose(interceptors.retry(), named),
    new Pool('http://a').compose([named]),
  ]
}

export function eight({ Agent, interceptors, Pool }: typeof Undici8): Undici8.Dispatcher[] {
  const named: Undici8.Dispatcher.DispatcherComposeInterceptor = tenantInterceptor({ labels: ['team'] })
  return [
    new Agent().compose(tenantInterceptor()),
    new Agent().compose(interceptors.retry(), named),
    new Pool('http://a').compose([named]),
  ]
}
