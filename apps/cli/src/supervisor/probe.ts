import { request } from 'node:http'
import { connect } from 'node:net'
import { callControl } from '@skykeep/persistent-path/control'
import type { HealthTarget } from './process-spec.ts'

/** Whether a process answers its health question with success before the deadline. Never throws. */
export async function probe(target: HealthTarget, timeoutMs: number): Promise<boolean> {
  if (target.kind === 'port') return probePort(target.port, target.path, timeoutMs)
  try {
    await callControl(target.socket, { method: 'GET', path: '/health', timeoutMs })
    return true
  } catch {
    return false
  }
}

/** Whether something on this machine listens on the port. */
export function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 500 })
    const settle = (isTaken: boolean): void => {
      socket.destroy()
      resolve(isTaken)
    }
    socket.once('connect', () => settle(true))
    socket.once('timeout', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function probePort(port: number, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, path, agent: false }, (reply) => {
      reply.resume()
      settle(reply.statusCode !== undefined && reply.statusCode < 400)
    })
    const deadline = setTimeout(() => settle(false), timeoutMs)
    function settle(isAnswering: boolean): void {
      clearTimeout(deadline)
      outgoing.destroy()
      resolve(isAnswering)
    }
    outgoing.once('error', () => settle(false))
    outgoing.end()
  })
}
