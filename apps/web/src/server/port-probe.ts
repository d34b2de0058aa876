import { createServer } from 'node:net'

/** True when the address cannot be listened on now: another program has it. */
export function isPortHeld(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(true))
    server.listen(port, host, () => server.close(() => resolve(false)))
  })
}
