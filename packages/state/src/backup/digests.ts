import { createHash, type Hash } from 'node:crypto'

/** Counts rows and hashes them, in order. */
export class TableDigest {
  readonly #hash: Hash = createHash('sha256')
  #rows = 0

  add(line: string): void {
    this.#rows += 1
    this.#hash.update(`${line}\n`)
  }

  end(): { readonly rows: number; readonly sha256: string } {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') }
  }
}
