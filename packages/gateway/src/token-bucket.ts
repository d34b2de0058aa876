/**
 * Lets `burst` requests through at once and `perSecond` of them in the long run: in any time of t seconds at most
 * burst + perSecond × t. Filled by the time that has passed when it is asked, so that it needs no timer.
 */
export class TokenBucket {
  private perSecond: number
  private burst: number
  private tokens: number
  private filledAt: number

  /** @param perSecond above 0. @param burst 1 or more. @param nowMs monotonic. It begins full. */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.perSecond = perSecond
    this.burst = burst
    this.tokens = burst
    this.filledAt = nowMs
  }

  /** What is in it stays, as far as the new burst holds it: a change of the limits is no fresh start. */
  setLimits(perSecond: number, burst: number): void {
    this.perSecond = perSecond
    this.burst = burst
    this.tokens = Math.min(this.tokens, burst)
  }

  /** Milliseconds until one request may pass: 0 when it may now. Takes nothing. */
  waitMs(nowMs: number): number {
    if (nowMs > this.filledAt) {
      this.tokens = Math.min(this.burst, this.tokens + ((nowMs - this.filledAt) * this.perSecond) / 1000)
      this.filledAt = nowMs
    }
    return this.tokens >= 1 ? 0 : ((1 - this.tokens) * 1000) / this.perSecond
  }

  /** To be called after `waitMs` gave 0. */
  take(): void {
    this.tokens -= 1
  }
}
