import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkTlsFiles, type TlsFiles } from '@skykeep/actions/versions/tls-files'
import { stageVersion } from '@skykeep/actions/versions/version-folder'
import { isSkykeepError } from '@skykeep/core/errors'
import { uploadLimits } from '@skykeep/core/upload-limits'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { hasOpenssl, tlsPair } from './tls-pair.ts'

const folder = mkdtempSync(join(tmpdir(), 'skykeep-tls-'))
const pair = (name: string, days?: readonly [number, number]): TlsFiles => tlsPair(folder, name, days)
afterAll(() => rmSync(folder, { recursive: true }))

const why = hasOpenssl() ? '' : ' (skipped: no openssl to make any with)'
describe.skipIf(!hasOpenssl())(`TLS files of a version${why}`, () => {
  const nowMs = Date.now()

  it('that fit are taken; one that has expired or is not valid yet is said', () => {
    expect(checkTlsFiles(pair('fits'), nowMs)).toEqual([])
    const chain = pair('chain')
    expect(
      checkTlsFiles({ ...chain, certificate: chain.certificate + pair('root').certificate }, nowMs),
    ).toEqual([])
    expect(checkTlsFiles(pair('old', [-30, -2]), nowMs)).toEqual([
      expect.stringMatching(/^The certificate of old expired on \d{4}-\d\d-\d\d: clients will refuse it\.$/),
    ])
    expect(checkTlsFiles(pair('early', [3, 30]), nowMs)).toEqual([
      expect.stringMatching(/^The certificate of early is not valid before /),
    ])
  })

  it('of no use are refused by name, and no error holds the key', () => {
    const one = pair('one')
    const other = pair('other')
    const sealed = execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:four'], { input: one.key })
    const cases: readonly (readonly [TlsFiles, RegExp])[] = [
      [{ ...one, key: other.key }, /the key does not belong to the certificate of one/],
      [{ ...one, certificate: 'nonsense' }, /certfile holds no certificate/],
      [{ certificate: one.key, key: one.certificate }, /certfile holds no certificate/],
      [{ ...one, key: one.certificate }, /keyfile holds no private key/],
      [{ ...one, key: sealed.toString() }, /keyfile has a passphrase/],
    ]
    const secret = one.key.split('\n')[1] ?? ''
    for (const [files, message] of cases) {
      const error = caught(() => checkTlsFiles(files, nowMs))
      expect(isSkykeepError(error, 'INVALID_INPUT') && error.userMessage).toMatch(message)
      expect(JSON.stringify(error) + String(error)).not.toContain(secret)
    }
  })

  it('lie in the version’s folder, for their owner only', async () => {
    const layout = layoutOf(join(folder, 'state'))
    execFileSync('mkdir', ['-p', layout.tmpDir, layout.versionsDir])
    const tls = pair('placed')
    const staged = await stageVersion(
      layout,
      { uid: 'ver_1', yaml: 'name: x\n', uploadFile: null, tls },
      uploadLimits,
    )
    const { version } = await staged.place('svc_1', 1)
    const at = (file: string): string => join(layout.versionDir('svc_1', version), 'tls', file)
    expect(readFileSync(at('cert.pem'), 'utf8')).toBe(tls.certificate)
    expect(readFileSync(at('key.pem'), 'utf8')).toBe(tls.key)
    expect([statSync(at('key.pem')).mode & 0o777, statSync(join(at(''), '.')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ])
  })
})

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
