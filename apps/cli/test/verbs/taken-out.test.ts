import { rmSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { build } from './command-line.ts'
import { onePlane, untilStatus, type StatusJson } from './running-plane.ts'

const plane = onePlane()
const marker = path.join(plane.folder, 'refuse-1')

/** Listens on $PORT, but for as long as there is a file of its number: then its process lives, and nobody can connect. */
const server = `
  const { existsSync } = require("node:fs");
  const server = require("node:http").createServer((request, response) => response.end("hello"));
  const marker = "${plane.folder}/refuse-" + process.env.SKYPILOT_SERVE_REPLICA_ID;
  setInterval(() => {
    const mayListen = !existsSync(marker);
    if (mayListen === server.listening) return;
    if (mayListen) server.listen(process.env.PORT, "127.0.0.1");
    else { server.close(); server.closeAllConnections() }
  }, 50)`

/** Probed so seldom that only the gateway notices. */
const yaml = `name: hello
run: exec "${build}/node" -e '${server.replaceAll(/\s+/g, ' ')}'
service:
  readiness_probe:
    path: /
    initial_delay_seconds: 60
    endpoint_probe_interval_seconds: 600
  load_balancing_policy: round_robin
  replicas: 2
`

it('a replica that takes no connection while its process lives is shown as taken out, with why and since when, until it is back', async () => {
  const up = await plane.run(['serve', 'up', plane.write('hello.yaml', yaml)])
  expect(up.stderr).toMatch(/replica 1 {2}READY/)
  const whole = await untilStatus(plane, 'hello', readyReplicas(2))
  expect(whole.replicas.map(({ takenOut }) => takenOut)).toEqual([null, null])

  plane.write('refuse-1', '')
  await until('replica 1 refuses connections', () => isRefused(whole.replicas[0]?.endpoint ?? ''))
  const answers: (number | undefined)[] = []
  const askedMs = Date.now()
  const out = await untilStatus(plane, 'hello', ({ endpoint, replicas }) => {
    void askOften(endpoint).then((statuses) => answers.push(...statuses))
    return replicas[0]?.takenOut?.gateways === 2
  })
  expect(out).toMatchObject({ status: 'READY', ready: 2 })
  expect(out.replicas).toMatchObject([
    { id: 1, status: 'READY', notReadyReason: null, pid: whole.replicas[0]?.pid },
    { id: 2, status: 'READY', takenOut: null },
  ])
  const takenOut = out.replicas[0]?.takenOut
  expect(takenOut).toEqual({
    reason: 'connect: ECONNREFUSED',
    sinceMs: expect.any(Number),
    gateways: 2,
    ofGateways: 2,
  })
  expect(takenOut?.sinceMs).toBeGreaterThanOrEqual(askedMs)
  const { stdout } = await plane.run(['serve', 'status', 'hello'])
  expect(stdout).toMatch(/^replica 1 READY, taken out by the gateway for \d+s: connect: ECONNREFUSED$/m)
  // No client noticed: what was not sent yet went to the other replica.
  await until('they were answered', () => answers.length >= 20)
  expect(new Set(answers)).toEqual(new Set([200]))

  rmSync(marker)
  const back = await untilStatus(plane, 'hello', ({ replicas }) => replicas[0]?.takenOut === null)
  expect(back.replicas).toMatchObject([{ status: 'READY', pid: whole.replicas[0]?.pid }, { takenOut: null }])
  expect((await plane.run(['serve', 'status', 'hello'])).stdout).not.toContain('taken out')
})

function readyReplicas(count: number): (status: StatusJson) => boolean {
  return ({ replicas }) => replicas.filter(({ status }) => status === 'READY').length === count
}

/** Twenty requests, each on a connection of its own, so that every gateway process gets some. */
async function askOften(endpoint: string): Promise<readonly (number | undefined)[]> {
  return await Promise.all(Array.from({ length: 20 }, () => statusOf(endpoint)))
}

async function statusOf(url: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

async function isRefused(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(`http://${endpoint}`)
  return await new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', (hasError) => resolve(hasError))
  })
}
