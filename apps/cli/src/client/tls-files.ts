import { readFileSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'
import type { TlsSpec } from '@skykeep/core/service-spec'
import { pathsMeant, type Caller } from './caller-path.ts'

/** PEM texts of what `service.tls` names. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

/** Reads the files that a YAML names; the server judges what is in them. Throws INVALID_INPUT that names the file. */
export function readTlsFiles(tls: TlsSpec, caller: Caller): TlsFiles {
  return {
    certificate: readFirst('certfile', tls.certFile, caller),
    key: readFirst('keyfile', tls.keyFile, caller),
  }
}

function readFirst(key: string, written: string, caller: Caller): string {
  const candidates = pathsMeant(written, caller)
  let code = 'ENOENT'
  for (const file of candidates) {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      const found = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
      if (found !== 'ENOENT') code = found
    }
  }
  const why = code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`
  throw new SkykeepError('INVALID_INPUT', `service.tls.${key}: ${written}: ${why}`, {
    hint: `Looked at ${candidates.join(' and ')}. Give a path relative to where you run the command, or an absolute one.`,
  })
}
