import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { get } from 'node:https'
import path from 'node:path'
import { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import type { Result } from './command-line.ts'
import { answeringWith, onePlane, untilStatus } from './running-plane.ts'

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}

const plane = onePlane()
const why = hasOpenssl() ? '' : ' (skipped: no openssl to make a certificate with)'

/** Makes a certificate of that name where the YAML looks for it. */
function certificate(name: string): void {
  const files = ['-keyout', path.join(plane.folder, 'key.pem'), '-out', path.join(plane.folder, 'cert.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...key, ...files, '-days', '30', '-subj', `/CN=${name}`], {
    stdio: 'ignore',
  })
}

/** The text and the name in the certificate of whoever answers. */
async function answer(url: string): Promise<{ readonly text: string; readonly name: unknown }> {
  return await new Promise((resolve, reject) => {
    const request = get(url, { rejectUnauthorized: false, agent: false }, (response) => {
      const { socket } = response
      const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject['CN'] : undefined
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ text, name }))
    })
    request.on('error', reject)
  })
}

function file(): string {
  const plain = readFileSync(plane.serviceFile('locked', answeringWith('sealed')), 'utf8')
  return plane.write('locked.yaml', `${plain}  tls:\n    certfile: cert.pem\n    keyfile: key.pem\n`)
}

const update = async (): Promise<Result> => await plane.run(['serve', 'update', 'locked', file()])

describe.skipIf(!hasOpenssl())(`a service that speaks TLS${why}`, () => {
  it('answers over https with the certificate that was sent along, which lies with the version, for its owner only', async () => {
    certificate('first')
    const up = await plane.run(['serve', 'up', file()])
    expect([up.code, up.stderr]).toEqual([0, expect.not.stringContaining('PRIVATE')])
    const url = /https:\/\/\S+/.exec(up.stdout)?.[0] ?? ''
    expect(await answer(url)).toEqual({ text: 'sealed', name: 'first' })
    const { uid } = (await plane.json('serve', 'status', 'locked')) as { readonly uid: string }
    const key = path.join(plane.root, 'versions', uid, '1/tls/key.pem')
    expect(statSync(key).mode & 0o777).toBe(0o600)
    expect(readFileSync(key, 'utf8')).toBe(readFileSync(path.join(plane.folder, 'key.pem'), 'utf8'))
  })

  it('serves a renewed certificate after an update, with the same replicas', async () => {
    const before = await untilStatus(plane, 'locked', ({ status }) => status === 'READY')
    certificate('renewed')
    const updated = await update()
    expect(updated.stdout).toMatch(/^service\.tls\.certfile +kept +"its content" → "another content"$/m)
    expect(updated.stdout).toContain('locked  keeps all 1 replica')
    expect(updated.code, updated.stderr).toBe(0)
    await until('the renewed certificate', async () => (await answer(before.endpoint)).name === 'renewed')
    const after = await untilStatus(plane, 'locked', ({ status }) => status === 'READY')
    expect(after.replicas.map(({ pid }) => pid)).toEqual(before.replicas.map(({ pid }) => pid))
  })

  it('refuses a key of another certificate and a file that is not there, and changes nothing', async () => {
    const key = readFileSync(path.join(plane.folder, 'key.pem'), 'utf8')
    certificate('third')
    plane.write('key.pem', key)
    const refused = await update()
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('the key does not belong to the certificate of third')
    plane.write('locked.yaml', readFileSync(file(), 'utf8').replace('cert.pem', 'none.pem'))
    const missing = await plane.run(['serve', 'update', 'locked', 'locked.yaml'])
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('service.tls.certfile: none.pem: no such file'),
    ])
    expect(await plane.json('serve', 'status', 'locked')).toMatchObject({ version: 2, status: 'READY' })
  })
})
