import type { Readable } from 'node:stream'

/** More was sent ahead than is kept. */
export const isHeld = 1
/** The replica takes no more for now. */
export const isUpstreamFull = 2

/** Why a connection is not read; it is while there is no reason. */
export class ReadPause {
  private reasons = 0
  private readonly socket: Readable

  constructor(socket: Readable) {
    this.socket = socket
  }

  get isOn(): boolean {
    return this.reasons !== 0
  }

  has(reason: number): boolean {
    return (this.reasons & reason) !== 0
  }

  set(reason: number, isOn: boolean): void {
    const before = this.reasons
    this.reasons = isOn ? before | reason : before & ~reason
    if (before === 0 && this.reasons !== 0) this.socket.pause()
    else if (before !== 0 && this.reasons === 0) this.socket.resume()
  }

  /** Reads on, whatever the reasons were. */
  end(): void {
    this.reasons = 0
    this.socket.resume()
  }
}
