// Names that Alloy has for components and root blocks, so that one that is not here yet is told from one that is
// misspelt.

const components: Readonly<Record<string, string>> = {
  beyla: 'ebpf',
  database_observability: 'mysql postgres sql_server',
  discovery:
    'aws azure consul consulagent digitalocean dns docker dockerswarm ec2 eureka file gce hetzner http ionos kubelet kubernetes kuma lightsail linode marathon nerve nomad openstack ovhcloud process puppetdb relabel scaleway serverset triton uyuni',
  faro: 'receiver',
  local: 'file file_match',
  loki: 'echo enrich process relabel rules.kubernetes secretfilter write',
  'loki.source':
    'api awsfirehose azure_event_hubs cloudflare docker file gcplog gelf heroku journal kafka kubernetes kubernetes_events podlogs syslog windowsevent',
  mimir: 'alerts.kubernetes rules.kubernetes',
  'otelcol.auth': 'basic bearer google headers oauth2 sigv4',
  'otelcol.connector': 'count host_info servicegraph signaltometrics spanlogs spanmetrics',
  'otelcol.exporter':
    'awss3 datadog debug faro file googlecloud googlecloudpubsub kafka loadbalancing loki otlp otlphttp prometheus splunkhec syslog',
  'otelcol.extension': 'jaeger_remote_sampling',
  'otelcol.processor':
    'attributes batch cumulativetodelta deltatocumulative discovery filter groupbyattrs interval k8sattributes memory_limiter metric_start_time probabilistic_sampler redaction resourcedetection span tail_sampling transform',
  'otelcol.receiver':
    'awscloudwatch awsecscontainermetrics awss3 cloudflare datadog faro file_stats filelog fluentforward googlecloudpubsub influxdb jaeger kafka loki nginx opencensus otlp prometheus solace splunkhec syslog tcplog vcenter zipkin',
  'otelcol.storage': 'file',
  prometheus: 'echo enrich receive_http relabel remote_write scrape',
  'prometheus.exporter':
    'apache azure blackbox cadvisor catchpoint cloudwatch consul databricks dnsmasq elasticsearch gcp github kafka memcached mongodb mssql mysql oracledb postgres process redis self snmp snowflake squid static statsd unix windows',
  'prometheus.operator': 'podmonitors probes scrapeconfigs servicemonitors',
  'prometheus.write': 'queue',
  pyroscope: 'ebpf enrich java receive_http relabel scrape write',
  remote: 'http kubernetes.configmap kubernetes.secret s3 vault',
}

/** `prometheus.scrape`, … */
export const alloyComponents: ReadonlySet<string> = new Set(
  Object.entries(components).flatMap(([group, names]) => names.split(' ').map((name) => `${group}.${name}`)),
)

/** Root block → what to do without it. */
export const unsupportedRootBlocks: ReadonlyMap<string, string> = new Map([
  ['argument', 'it belongs in a declare block, and there are no modules yet; write the value itself'],
  ['export', 'it belongs in a declare block, and there are no modules yet'],
  ['declare', 'there are no modules yet; write its components out'],
  ['import.file', 'there are no modules yet; give a directory to merge its files'],
  ['import.git', 'there are no modules yet; write the components out'],
  ['import.http', 'there are no modules yet; write the components out'],
  ['import.string', 'there are no modules yet; write the components out'],
  ['foreach', 'write a component for each item'],
  ['livedebugging', 'take it out'],
  ['tracing', 'take it out'],
  ['remotecfg', 'take it out; the configuration comes from files only'],
])
