import type { RateRoute } from '@skykeep/core/routes'
import { RecentMap } from './recent-map.ts'
import type { ProcessShare } from './replica-state.ts'
import { TokenBucket } from './token-bucket.ts'

/** Subjects that one process remembers of a service: about 2 MB. One that is forgotten begins with a full bucket again. */
const maxSubjects = 10_000

/** The limit of each subject of a service's tokens, in one gateway process. */
export class SubjectLimits {
  private perSecond = 1
  private burst = 1
  private readonly buckets = new RecentMap<TokenBucket>(maxSubjects)

  /** Takes this process's part, as each limit of a service is divided; to be called before the first request. What subjects have used stays used. */
  divide(rate: RateRoute, share: ProcessShare): void {
    this.perSecond = share.ofRate(rate.requestsPerSecond)
    this.burst = share.of(rate.burst)
    for (const bucket of this.buckets.values()) bucket.setLimits(this.perSecond, this.burst)
  }

  /** @param nowMs monotonic. */
  bucketOf(subject: string, nowMs: number): TokenBucket {
    const known = this.buckets.get(subject)
    if (known !== undefined) return known
    const bucket = new TokenBucket(this.perSecond, this.burst, nowMs)
    this.buckets.set(subject, bucket)
    return bucket
  }
}
