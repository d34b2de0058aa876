import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TlsFiles } from '@skykeep/actions/versions/tls-files'

/** A self-signed pair, valid between two days from now on (negative: before). */
export function tlsPair(
  folder: string,
  name: string,
  [from, to]: readonly [number, number] = [-1, 30],
): TlsFiles {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  const day = (offset: number): string =>
    `${new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  const ask = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', [...ask, '-keyout', key, '-out', `${key}.csr`, '-subj', `/CN=${name}`], {
    stdio: 'ignore',
  })
  const database = join(folder, `${name}.db`)
  execFileSync('sh', ['-c', 'mkdir -p "$0" && : > "$0/index" && echo 01 > "$0/serial"', database])
  const config = `${database}/ca.cnf`
  execFileSync('sh', ['-c', `cat > "$0"`, config], {
    input: `[ca]\ndefault_ca=d\n[d]\ndatabase=${database}/index\nserial=${database}/serial\nnew_certs_dir=${database}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
  })
  const sign = ['ca', '-batch', '-config', config, '-selfsign', '-keyfile', key, '-in', `${key}.csr`]
  execFileSync(
    'openssl',
    [...sign, '-notext', '-out', certificate, '-startdate', day(from), '-enddate', day(to)],
    { stdio: 'ignore' },
  )
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
}

/** Without it no pair can be made here. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}
