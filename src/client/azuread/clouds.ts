// Azure's clouds: who issues tokens and for what. Audiences as Prometheus has them (storage/remote/azuread): the double
// slash is right, the resource's own name ends with one.

import type { AzureAdSettings } from '../../config/http-client/http-client-settings.ts'

export const clouds: Readonly<
  Record<AzureAdSettings['cloud'], { readonly authority: string; readonly scope: string }>
> = {
  AzurePublic: { authority: 'https://login.microsoftonline.com', scope: 'https://monitor.azure.com//.default' },
  AzureChina: { authority: 'https://login.chinacloudapi.cn', scope: 'https://monitor.azure.cn//.default' },
  AzureGovernment: { authority: 'https://login.microsoftonline.us', scope: 'https://monitor.azure.us//.default' },
}

/** Without a slash at the end. AZURE_AUTHORITY_HOST goes first, as the workload identity webhook sets it. */
export function authorityOf(cloud: AzureAdSettings['cloud'], env: NodeJS.ProcessEnv): string {
  return (env.AZURE_AUTHORITY_HOST || clouds[cloud].authority).replace(/\/+$/, '')
}
