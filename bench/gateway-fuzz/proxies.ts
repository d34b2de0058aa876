import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { untilListening } from '../gateway/children.ts'
import { withSbin } from '../gateway/tools.ts'
import type { Lane } from './lane.ts'
import { RecordingUpstream } from './recording-upstream.ts'

export type ProxyName = 'ours' | 'nginx' | 'haproxy'
export const proxyNames: readonly ProxyName[] = ['ours', 'nginx', 'haproxy']

/** The three proxies, each with as many ports as streams go through it at once. */
export class Proxies {
  /** For each place the lanes of all three, in the order of `proxyNames`. */
  readonly places: (readonly Lane[])[] = []
  private readonly folder = mkdtempSync(join(tmpdir(), 'skykeep-fuzz-'))
  private readonly ours = new GatewayProcesses()
  private readonly children: ChildProcess[] = []

  async start(count: number): Promise<void> {
    const upstreams = Array.from({ length: count * proxyNames.length }, () => new RecordingUpstream())
    for (const upstream of upstreams) await upstream.listen()
    // All at once, so that none is given out twice.
    const ports = await freePorts(upstreams.length)
    const lanes = upstreams.map((upstream, at): Lane => ({ port: ports[at] ?? 0, upstream }))
    while (lanes.length > 0) this.places.push(lanes.splice(0, proxyNames.length))
    const [ours = [], nginx = [], haproxy = []] = proxyNames.map((_, at) =>
      this.places.flatMap((place) => place[at] ?? []),
    )
    this.startNginx(nginx)
    this.startHaproxy(haproxy)
    this.startOurs(ours)
    await this.ours.untilServing(
      1,
      ours.map(({ port }) => port),
    )
    await Promise.all([...nginx, ...haproxy].map(({ port }) => untilListening(port)))
  }

  private startOurs(lanes: readonly Lane[]): void {
    const service = ({ port, upstream }: Lane, at: number) => ({
      serviceUid: `svc_${at}`,
      serviceName: `s${at}`,
      host: '127.0.0.1',
      port,
      policy: 'least_load' as const,
      streamTimeoutSeconds: 120,
      replicas: [
        {
          replicaUid: `rep_${at}`,
          replicaId: 1,
          version: 1,
          host: '127.0.0.1',
          port: upstream.port,
          isDraining: false,
        },
      ],
    })
    this.ours.writeTable(lanes.map(service))
    this.ours.start(1)
  }

  /** As it comes, but for what makes it a proxy of HTTP/1.1 that streams. */
  private startNginx(lanes: readonly Lane[]): void {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    const servers = lanes.map(
      ({ port, upstream }) =>
        `server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream.port}; } }`,
    )
    mkdirSync(this.folder, { recursive: true })
    const file = join(this.folder, 'nginx.conf')
    writeFileSync(
      file,
      `worker_processes 1; pid ${this.folder}/pid; error_log /dev/null; events { worker_connections 2000; }
      http { access_log off; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;
      proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_next_upstream off; client_max_body_size 0;
      ${temporary.map((name) => `${name}_temp_path ${this.folder}/${name};`).join(' ')}
      ${servers.join('\n')} }`,
    )
    this.spawn('nginx', ['-c', file, '-e', '/dev/null', '-g', 'daemon off;'])
  }

  private startHaproxy(lanes: readonly Lane[]): void {
    const file = join(this.folder, 'haproxy.cfg')
    const one = ({ port, upstream }: Lane, at: number): string =>
      `listen l${at}\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${upstream.port}\n`
    writeFileSync(
      file,
      `global
  nbthread 1
defaults
  mode http
  option http-no-delay
  retries 0
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${lanes.map(one).join('')}`,
    )
    this.spawn('haproxy', ['-db', '-q', '-f', file])
  }

  private spawn(command: string, args: readonly string[]): void {
    this.children.push(spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'], env: withSbin() }))
  }

  /** Ends the peers, however the run ends. */
  kill(): void {
    for (const child of this.children) child.kill('SIGTERM')
  }

  async end(): Promise<void> {
    this.kill()
    for (const { upstream } of this.places.flat()) upstream.close()
    await this.ours.remove()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Ports that were free a moment ago, no two alike. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const ports = servers.map((server) => (server.address() as AddressInfo).port) // a TCP server has an AddressInfo
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
