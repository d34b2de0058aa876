import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceRoute } from '../../packages/core/src/routes.ts'
import { gatewayFlags } from '../../apps/cli/src/supervisor/process-spec.ts'
import { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { selfSigned } from '../../packages/gateway/test/self-signed.ts'
import { familyOf, pin, untilListening, type Children } from './children.ts'
import { python } from './tools.ts'

export const loadCore = 0
export const proxyCore = 1

/** Two servers stand behind each way; those of streams take uploads too. */
export interface Upstreams {
  readonly small: readonly [number, number]
  readonly streams: readonly [number, number]
}

/** Ports on which one proxy serves; 0: it has no such way. */
export interface Ways {
  readonly small: number
  readonly tls: number
  readonly streams: number
}

/** One proxy under measurement: one process, on a core of its own. */
export interface Contestant {
  readonly name: string
  readonly ways: Ways
  /** All its processes, whose time counts. */
  pids(): readonly number[]
}

/** Everything that the proxies need. */
export interface Ground {
  readonly children: Children
  /** For configurations and files, removed afterwards. */
  readonly folder: string
  readonly upstreams: Upstreams
}

/** What stands behind all proxies: nginx with one worker, 1 KiB of JSON by default, a large file for bodies. */
export async function startSmallUpstream({ children, folder, upstreams }: Ground): Promise<void> {
  const body = JSON.stringify({ data: 'x'.repeat(1013) })
  const server = (port: number): string => `
    server {
      listen 127.0.0.1:${port} backlog=1024;
      location / { default_type application/json; return 200 '${body}'; }
      location /large { alias ${folder}/large; }
    }`
  const file = nginxConfig(folder, 'upstream', upstreams.small.map(server).join(''))
  children.start(loadCore, ['nginx', '-c', file, '-g', 'daemon off;'])
  await Promise.all(upstreams.small.map((port) => untilListening(port)))
}

function nginxConfig(folder: string, name: string, http: string): string {
  const own = join(folder, name)
  mkdirSync(own, { recursive: true })
  const file = join(own, 'nginx.conf')
  writeFileSync(
    file,
    `
worker_processes 1;
pid ${own}/pid;
error_log ${own}/error.log warn;
events { worker_connections 8000; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_body_temp_path ${own}/body;
  proxy_temp_path ${own}/proxy;
  fastcgi_temp_path ${own}/fastcgi;
  uwsgi_temp_path ${own}/uwsgi;
  scgi_temp_path ${own}/scgi;
  ${http}
}
`,
  )
  return file
}

/** nginx as a proxy that streams, with what ours does where it has it: least connections, retries, time-outs, counts. */
export async function startNginx(ground: Ground, ways: Ways): Promise<Contestant> {
  const { folder, upstreams, children } = ground
  const group = (name: string, ports: readonly number[]): string =>
    `upstream ${name} { least_conn; keepalive 256; ${ports.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(' ')} }`
  const location = (name: string): string => `location / {
        proxy_pass http://${name};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Request-Id $request_id;
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_connect_timeout 2s;
        proxy_read_timeout 120s;
        proxy_next_upstream error timeout;
        client_max_body_size 0;
      }`
  const file = nginxConfig(
    folder,
    'nginx',
    `${group('small', upstreams.small)} ${group('streams', upstreams.streams)}
    server { listen 127.0.0.1:${ways.small} backlog=1024; location = /nginx_status { stub_status; } ${location('small')} }
    server {
      listen 127.0.0.1:${ways.tls} ssl backlog=1024;
      ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
      ${location('small')}
    }
    server { listen 127.0.0.1:${ways.streams} backlog=1024; ${location('streams')} }`,
  )
  return await started('nginx', ways, () =>
    children.start(proxyCore, ['nginx', '-c', file, '-g', 'daemon off;']),
  )
}

/** HAProxy with one thread: stats, limits, retries, and `http-no-delay`, without which it holds tokens back. */
export async function startHaproxy(ground: Ground, ways: Ways): Promise<Contestant> {
  const { folder, upstreams, children } = ground
  const servers = (ports: readonly number[]): string =>
    ports.map((port, at) => `  server s${at} 127.0.0.1:${port} maxconn 4000`).join('\n')
  const file = join(folder, 'haproxy.cfg')
  const pem = join(folder, 'both.pem')
  writeFileSync(
    file,
    `
global
  nbthread 1
  maxconn 5000
  stats socket ${folder}/haproxy.sock
defaults
  mode http
  option http-no-delay
  option forwardfor
  option redispatch
  retries 3
  http-reuse always
  balance leastconn
  timeout connect 2s
  timeout client 120s
  timeout server 120s
  timeout http-request 30s
  timeout http-keep-alive 75s
frontend small
  bind 127.0.0.1:${ways.small} backlog 1024
  bind 127.0.0.1:${ways.tls} backlog 1024 ssl crt ${pem} alpn http/1.1 ssl-min-ver TLSv1.2
  http-request set-header X-Forwarded-Proto http
  unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt
  unique-id-header X-Request-Id
  default_backend small
frontend streams
  bind 127.0.0.1:${ways.streams} backlog 1024
  default_backend streams
backend small
${servers(upstreams.small)}
backend streams
${servers(upstreams.streams)}
`,
  )
  return await started('haproxy', ways, () => children.start(proxyCore, ['haproxy', '-db', '-f', file]))
}

/** A balancer like SkyServe's. It takes no part in streams: 64 of them are beyond it on one core. */
export async function startSkyServeLike(ground: Ground, port: number): Promise<Contestant> {
  const ways = { small: port, tls: 0, streams: 0 }
  const replicas = ground.upstreams.small.map((each) => `http://127.0.0.1:${each}`).join(',')
  return await started('fastapi + httpx', ways, () =>
    ground.children.start(proxyCore, [python, join(import.meta.dirname, 'skyserve_like.py')], {
      PORT: String(port),
      REPLICAS: replicas,
    }),
  )
}

/** The replica itself: what the measurement adds to each proxy's latency. */
export function noProxy({ upstreams }: Ground): Contestant {
  const ways = { small: upstreams.small[0], tls: 0, streams: upstreams.streams[0] }
  return { name: 'no proxy', ways, pids: () => [] }
}

/** Node.js that reads and writes and does nothing else: the least that a gateway in it can take. */
export async function startBareRelay({ children, upstreams }: Ground, ways: Ways): Promise<Contestant> {
  const program = join(import.meta.dirname, 'bare-relay.ts')
  const pairs = [ways.small, upstreams.small[0], ways.streams, upstreams.streams[0]]
  const command = [process.execPath, ...gatewayFlags, program, ...pairs.map(String)]
  return await started('bare relay', { ...ways, tls: 0 }, () => children.start(proxyCore, command))
}

async function started(
  name: string,
  ways: Ways,
  start: () => { readonly pid?: number | undefined },
): Promise<Contestant> {
  const { pid = 0 } = start()
  await untilListening(ways.small || ways.streams)
  return { name, ways, pids: () => familyOf(pid) }
}

/** Writes a certificate for all. */
export function writeCertificate(folder: string): void {
  const { key, cert } = selfSigned('localhost')
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 })
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'both.pem'), cert + key, { mode: 0o600 })
}

/** Ours as it is in service: policy, limits, counts, journal, ejection and time-outs are never off. */
export async function startOurs(
  { upstreams }: Ground,
  ways: Ways,
): Promise<Contestant & { end(): Promise<void> }> {
  const processes = new GatewayProcesses()
  const { key, cert } = selfSigned('localhost')
  writeFileSync(join(processes.root, 'key.pem'), key, { mode: 0o600 })
  writeFileSync(join(processes.root, 'cert.pem'), cert)
  const route = (name: string, port: number, to: readonly number[]): ServiceRoute => ({
    serviceUid: `svc_${name}`,
    serviceName: name,
    host: '127.0.0.1',
    port,
    policy: 'least_load',
    streamTimeoutSeconds: 120,
    maxConcurrencyPerReplica: 10_000,
    parking: { maxRequests: 1000, timeoutSeconds: 60 },
    replicas: to.map((upstream, at) => ({
      replicaUid: `rep_${name}_${at}`,
      replicaId: at + 1,
      version: 1,
      host: '127.0.0.1',
      port: upstream,
      isDraining: false,
    })),
  })
  processes.writeTable([
    route('small', ways.small, upstreams.small),
    route('streams', ways.streams, upstreams.streams),
    {
      ...route('tls', ways.tls, upstreams.small),
      tls: { certFile: 'cert.pem', keyFile: 'key.pem', digest: '1' },
    },
  ])
  const { pid = 0 } = processes.start(1, gatewayFlags)
  await processes.untilServing(1, Object.values(ways) as number[])
  pin(pid, proxyCore)
  return { name: 'skykeep', ways, pids: () => familyOf(pid), end: async () => await processes.remove() }
}
