import type { CountsBatch, GatewayStatus, UnfinishedRequest } from '@skykeep/core/routes'
import { SkykeepError } from '@skykeep/core/errors'
import type { GatewayChannel } from './gateway-channel.ts'

/** What `GET /unfinished` answers: what dead gateway lives had in flight. */
export interface UnfinishedReport {
  readonly epoch: string
  readonly requests: readonly UnfinishedRequest[]
}

/** Each answer is looked at where its shape decides; the rest is trusted, since both ends are one build of one program. */
export async function getStatus(channel: GatewayChannel, name: string): Promise<GatewayStatus> {
  return statusIn(await channel.call(name, { method: 'GET', path: '/status' }))
}

/** Makes the gateway read the table from disk; answers once it is applied. */
export async function postReload(channel: GatewayChannel, name: string): Promise<GatewayStatus> {
  return statusIn(await channel.call(name, { method: 'POST', path: '/reload', timeoutMs: 5_000 }))
}

export async function getCounts(channel: GatewayChannel, name: string, after: number): Promise<CountsBatch> {
  const answer = await channel.call(name, { method: 'GET', path: `/counts?after=${after}` })
  if (isObject(answer) && Array.isArray(answer['counts']) && typeof answer['epoch'] === 'string') {
    // Checked above as far as it decides.
    return answer as unknown as CountsBatch
  }
  throw unexpected(name, '/counts')
}

export async function ackCounts(channel: GatewayChannel, name: string, seq: number): Promise<void> {
  await channel.call(name, { method: 'POST', path: '/counts/ack', body: { seq } })
}

export async function getRunning(
  channel: GatewayChannel,
  name: string,
): Promise<readonly UnfinishedRequest[]> {
  const answer = await channel.call(name, { method: 'GET', path: '/running' })
  // A list of our own gateway's requests.
  if (Array.isArray(answer)) return answer as readonly UnfinishedRequest[]
  throw unexpected(name, '/running')
}

export async function getUnfinished(
  channel: GatewayChannel,
  name: string,
): Promise<readonly UnfinishedReport[]> {
  const answer = await channel.call(name, { method: 'GET', path: '/unfinished' })
  // A list of our own gateway's reports.
  if (isObject(answer) && Array.isArray(answer['reports']))
    return answer['reports'] as readonly UnfinishedReport[]
  throw unexpected(name, '/unfinished')
}

export async function ackUnfinished(channel: GatewayChannel, name: string, epoch: string): Promise<void> {
  await channel.call(name, { method: 'POST', path: '/unfinished/ack', body: { epoch } })
}

function statusIn(answer: unknown): GatewayStatus {
  if (
    isObject(answer) &&
    typeof answer['appliedVersion'] === 'number' &&
    typeof answer['epoch'] === 'string'
  ) {
    // Checked above as far as it decides.
    return answer as unknown as GatewayStatus
  }
  throw unexpected('gateway', '/status')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function unexpected(name: string, path: string): SkykeepError {
  return new SkykeepError('UNAVAILABLE', `${name} answered ${path} with something else`)
}
