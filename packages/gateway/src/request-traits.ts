import type { ServiceRoute } from '@skykeep/core/routes'
import type { HashSpec, HeaderMatch } from '@skykeep/core/service-spec'
import { cookieOf } from './cookie-value.ts'
import { hashOf, keyOf } from './hash.ts'
import { maxPromptScanBytes, noPrompt, promptKeyOf, promptUnfinished } from './prompt-prefix.ts'

/** How long a request may wait for the part of its body that says where it belongs, ms. */
export const promptWaitMs = 100

/** What of a request, beyond that it came, decides which replica it gets. */
export interface RequestTraits {
  /** For consistent_hash: from 0 to 2^31 - 1; -1: nothing to go by. */
  hashKey: number
  /** It carries the header of one share of a split. */
  isPinned: boolean
  /** The key is in a body that has not come yet. */
  awaitsPrompt: boolean
}

/** What is read of a head: see `RequestHead`. */
export interface TraitsHead {
  readonly target: string
  readonly contentLength: number
  readonly expectsContinue: boolean
  /** The value of the first field of this name (lower case letters, digits, hyphens); null: there is none. */
  fieldValue(lower: string): string | null
}

/** Reads what a service's route asks to know of each request. */
export class TraitsReader {
  private readonly hash: HashSpec | null
  private readonly hashName: string
  private readonly pin: HeaderMatch | null
  private readonly pinName: string

  private constructor(hash: HashSpec | null, pin: HeaderMatch | null) {
    this.hash = hash
    const { by, name = '' } = hash ?? { by: null }
    this.hashName = by === 'header' ? name.toLowerCase() : name
    this.pin = pin
    this.pinName = pin?.name.toLowerCase() ?? ''
  }

  /** Null: the route asks for nothing. */
  static of({ policy, hash, split }: ServiceRoute): TraitsReader | null {
    const wanted = policy === 'consistent_hash' ? (hash ?? null) : null
    const pin = split?.find(({ header }) => header !== undefined)?.header ?? null
    return wanted === null && pin === null ? null : new TraitsReader(wanted, pin)
  }

  /** Sets the request's traits by its head and its client's address. */
  read(head: TraitsHead, address: string, into: RequestTraits): void {
    if (this.pin !== null) into.isPinned = head.fieldValue(this.pinName) === this.pin.value
    switch (this.hash?.by) {
      case 'header':
        into.hashKey = keyOfText(head.fieldValue(this.hashName))
        return
      case 'cookie':
        into.hashKey = keyOfText(cookieOf(head.fieldValue('cookie'), this.hashName))
        return
      case 'path':
        into.hashKey = keyOfText(pathOf(head.target))
        return
      case 'client_address':
        into.hashKey = keyOfText(address)
        return
      case 'prompt':
        // A client that waits for 100 Continue sends nothing before a replica has it; a chunked upload goes at once.
        into.awaitsPrompt =
          head.contentLength > 0 &&
          !head.expectsContinue &&
          head.fieldValue('content-type')?.toLowerCase().includes('json') === true
        return
      default:
    }
  }

  /**
   * Looks for the prompt in what has come of the body, of `length` bytes in all. True: it is decided, with a key or without.
   * Asks for no more than 16 KiB.
   */
  readPrompt(body: Buffer, length: number, into: RequestTraits): boolean {
    const { hash } = this
    if (hash?.by !== 'prompt') return true
    const bytes = body.length > length ? body.subarray(0, length) : body
    const found = promptKeyOf(bytes, hash.prefixBytes ?? 0)
    if (found === promptUnfinished) return bytes.length >= Math.min(length, maxPromptScanBytes)
    if (found !== noPrompt) into.hashKey = found
    return true
  }
}

function keyOfText(text: string | null): number {
  return text === null || text === '' ? -1 : keyOf(hashOf(text))
}

function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}
