import { createServer } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import type { TakenOutView } from '@skykeep/core/taken-out'
import { until } from '@skykeep/testing/until'
import { build, CommandLine, type Result } from './command-line.ts'

/** One plane for the tests of a file, started by the first verb that changes something, ended with everything it started. */
export class RunningPlane extends CommandLine {
  webPort = 0

  async prepare(): Promise<void> {
    this.webPort = await freePort()
    this.write('config.yaml', `web:\n  port: ${this.webPort}\n`)
  }

  /** Runs a verb that must succeed, and reads the JSON that it prints. */
  async json(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.run([...args, '--json'])
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }

  /** Writes a service YAML on the line's own folder and asks for it. */
  async serve(
    name: string,
    run: string,
    more: { readonly yaml?: string; readonly args?: readonly string[] } = {},
  ): Promise<Result> {
    const file = this.serviceFile(name, run, more.yaml)
    return await this.run(['serve', 'up', file, ...(more.args ?? [])])
  }

  serviceFile(name: string, run: string, more = ''): string {
    const script = run.replaceAll('\n', '\n  ')
    return this.write(
      `${name}.yaml`,
      `name: ${name}\nrun: |\n  ${script}\n${more}service:\n  readiness_probe:\n    path: /\n    initial_delay_seconds: 30\n    endpoint_probe_interval_seconds: 1\n  replicas: 1\n`,
    )
  }

  async end(): Promise<void> {
    await this.run(['stop', '--services'])
    await this.run(['stop'])
    this.remove()
  }
}

/** A plane for the tests of this file. */
export function onePlane(): RunningPlane {
  const plane = new RunningPlane()
  beforeAll(async () => await plane.prepare())
  afterAll(async () => await plane.end())
  return plane
}

const server = `
  const { createReadStream } = require("node:fs");
  require("node:http").createServer((request, response) => {
    if (request.url === "/") return response.end("hello");
    const file = createReadStream("." + decodeURIComponent(request.url));
    file.on("error", () => response.writeHead(404).end()).on("open", () => file.pipe(response))
  }).listen(process.env.PORT, "127.0.0.1")`

/** Answers on $PORT, with the files of its folder; says so in its log. */
export const answering = `echo "hello from $SKYPILOT_SERVE_REPLICA_ID"
exec "${build}/node" -e '${server.replaceAll(/\s+/g, ' ')}'`

/** Answers the text on $PORT; says so in its log once. */
export function answeringWith(text: string): string {
  const server = `require("node:http").createServer((request, response) => response.end("${text}")).listen(process.env.PORT, "127.0.0.1")`
  return `echo "hello from $SKYPILOT_SERVE_REPLICA_ID"\nexec "${build}/node" -e '${server}'`
}

/** Waits until a service has a replica of the given status; gives the status as JSON. */
export async function untilStatus(
  plane: RunningPlane,
  name: string,
  holds: (status: StatusJson) => boolean,
): Promise<StatusJson> {
  return await until(`the status of ${name}`, async () => {
    // The documented shape; a test of its own checks it.
    const status = (await plane.json('serve', 'status', name)) as StatusJson
    return holds(status) && status
  })
}

export interface StatusJson {
  readonly status: string
  readonly endpoint: string
  readonly endpointStatus: string
  readonly ready: number
  readonly replicas: readonly {
    readonly id: number
    readonly status: string
    readonly outcome: string | null
    readonly pid: number | null
    readonly endpoint: string | null
    readonly notReadyReason: string | null
    readonly takenOut: TakenOutView | null
  }[]
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
