// Programs that pass on what comes without splitting it: nginx, which reads nothing, as the least that a proxy can cost;
// vmagent and Prometheus's agent mode, which queue and send again in batches of their own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './program.ts'
import { firstLine } from './programs.ts'

export const floors = {
  /** Debian's nginx with one process, passing requests on unread. */
  nginx: (): Program => ({
    name: 'nginx',
    command: 'exec nginx -p {dir} -c nginx.conf -e stderr',
    splits: false,
    version: firstLine('nginx -v'),
    prepare: ({ dir, listen, target }) => {
      const { host, pathname } = new URL(target)
      writeFileSync(join(dir, 'nginx.conf'), nginxConf(listen, host, pathname))
    },
  }),

  /** Debian's vmagent, as it comes. */
  vmagent: (): Program => ({
    name: 'vmagent',
    command:
      'exec vmagent -httpListenAddr={listen} -remoteWrite.url={target} -remoteWrite.tmpDataPath={dir}/vmagent ' +
      '-loggerLevel=ERROR',
    splits: false,
    only1: true,
    version: firstLine('dpkg-query -W victoria-metrics'),
    path: '/api/v1/write',
  }),

  /** Debian's Prometheus in agent mode: what it takes goes into its log on disk, and from there upstream. */
  prometheus: (): Program => ({
    name: 'prometheus',
    command:
      'exec prometheus --enable-feature=agent --web.enable-remote-write-receiver --web.listen-address={listen} ' +
      '--config.file={dir}/prometheus.yml --storage.agent.path={dir}/data --log.level=error',
    splits: false,
    version: firstLine('prometheus --version'),
    ready: '/-/ready',
    path: '/api/v1/write',
    prepare: ({ dir, target }) => writeFileSync(join(dir, 'prometheus.yml'), `remote_write:\n  - url: ${target}\n`),
  }),
} satisfies Record<string, () => Program>

export type Floor = keyof typeof floors

export const isFloor = (name: string): name is Floor => Object.hasOwn(floors, name)

const nginxConf = (listen: string, upstream: string, path: string): string => `daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 0;
  client_body_buffer_size 4m;
  keepalive_requests 1000000000;
  upstream receiver { server ${upstream}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen ${listen};
    location / {
      proxy_pass http://receiver${path};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
