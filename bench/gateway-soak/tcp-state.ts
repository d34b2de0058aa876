import { readFileSync } from 'node:fs'

/**
 * What the kernel has of a connection on this machine, by its client's port: both ends, each with its state (include/net/tcp_states.h: 01
 * established, 08 the other side has ended) and the bytes that wait to be sent and to be read, hexadecimal. '' for an end that is gone.
 */
export function tcpStateOf(clientPort: number): { readonly client: string; readonly server: string } {
  const suffix = `:${clientPort.toString(16).toUpperCase().padStart(4, '0')}`
  const said = { client: '', server: '' }
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/\s+/)
    if (local.endsWith(suffix)) said.client = `${state} ${queues}`
    else if (remote.endsWith(suffix)) said.server = `${state} ${queues}`
  }
  return said
}
