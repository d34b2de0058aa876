import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The clock of the gateway processes of a run. */
export class GatewayClock {
  /** How much faster than the machine's it runs. */
  readonly speed: number
  private readonly originMs = Date.now()

  constructor(speed: number) {
    this.speed = speed
  }

  /** Wall time there. */
  nowMs(): number {
    return this.originMs + (Date.now() - this.originMs) * this.speed
  }

  /** What Node loads first, so that a process has this clock. @param folder where it writes down its memory; `snapshots`: and its heap, '' for nowhere. */
  moduleUrl(folder: string, snapshots: string): string {
    const url = pathToFileURL(join(import.meta.dirname, 'fast-clock.ts'))
    const query = { speed: String(this.speed), origin: String(this.originMs), folder, snapshots }
    url.search = new URLSearchParams(query).toString()
    return url.href
  }
}
