import type { TlsSpec } from '@skykeep/core/service-spec'
import type { ProblemList } from './problem.ts'
import { reportKey } from './report.ts'
import { readText } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import { substitute, type Variables } from './substitute.ts'

/** `service.tls`: both files, envs filled in. Undefined: none, or it was reported. */
export function readTls(
  field: Field | undefined,
  variables: Variables,
  problems: ProblemList,
): TlsSpec | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (field === undefined || map === undefined) return undefined
  const fields = readSection(map, 'service.tls', problems)
  const missing = ['keyfile', 'certfile'].filter((key) => !fields.has(key))
  if (missing.length > 0) {
    const message = `\`service.tls\` needs ${missing.map((key) => `\`${key}\``).join(' and ')}`
    const hint = 'Write `keyfile: key.pem` and `certfile: cert.pem`: PEM files on this machine.'
    reportKey(field, { message, hint }, problems)
  }
  const keyFile = readPath(fields.get('keyfile'), variables, problems)
  const certFile = readPath(fields.get('certfile'), variables, problems)
  return keyFile === undefined || certFile === undefined ? undefined : { certFile, keyFile }
}

function readPath(field: Field | undefined, variables: Variables, problems: ProblemList): string | undefined {
  const text = field === undefined ? undefined : readText(field, problems)
  if (field === undefined || text === undefined) return undefined
  const path = substitute(text, variables, { path: field.path, span: field.node.span }, problems)
  if (path.trim() !== '' && path.length <= 4096 && !/[\r\n]|-----BEGIN/.test(path)) return path
  const message = `\`${field.path}\` must be the path of a PEM file, not its content`
  reportKey(field, { message, hint: 'Write for example `keyfile: certs/key.pem`.' }, problems)
  return undefined
}
