import type { TriedPart } from '@skykeep/core/tried-request'

type Part<T extends TriedPart['type']> = Extract<TriedPart, { readonly type: T }>

/** What is known of a tried request so far. */
export interface Tried {
  readonly isRunning: boolean
  readonly head: Part<'head'> | null
  readonly text: string
  readonly end: Part<'end'> | Part<'failed'> | null
  /** It was not sent. */
  readonly error: unknown
}

export const started: Tried = { isRunning: true, head: null, text: '', end: null, error: null }

/** What is known after one more part. Pure. */
export function withPart(tried: Tried, part: TriedPart): Tried {
  switch (part.type) {
    case 'head':
      return { ...tried, head: part }
    case 'body':
      return { ...tried, text: tried.text + part.text }
    case 'end':
    case 'failed':
      return { ...tried, end: part, isRunning: false }
  }
}

/** Cuts a stream of text into whole lines; what is left waits for the next piece. */
export class LineCutter {
  #rest = ''

  take(text: string): readonly string[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.filter((line) => line !== '')
  }
}
