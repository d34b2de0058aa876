import type { TokenAlgorithm, TokenKeySpec } from '@skykeep/core/service-spec'

/** What is wrong with a key, and what to do; never any of its text, which may be a private key. */
export interface KeyFault {
  readonly message: string
  readonly hint: string
}

export type ReadKey = { readonly key: TokenKeySpec } | { readonly fault: KeyFault }

/** DER of a SubjectPublicKeyInfo up to the key itself, by what it is for (RFC 8410 §4, RFC 5480 §2, RFC 3279 §2.3.1). */
const ed25519Head = '302a300506032b6570032100'
const ed25519Bytes = 44
const p256Head = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'
const p256Bytes = 91
const rsaHead = /^3082[\da-f]{4}300d06092a864886f70d0101010500/
/** Of 2048 bits (RFC 7518 §3.3), less a few for another exponent; and of 8192. */
const rsaBytes = { least: 290, most: 1100 }

const wanted = 'Ed25519 (EdDSA), P-256 (ES256) and RSA of 2048 to 8192 bits (RS256)'
const makeOne =
  'Make one with `openssl genpkey -algorithm ed25519 -out private.pem`, and write here what `openssl pkey -in private.pem -pubout` prints.'

/** A private key in a file that many read: the fault says so before anything else. */
const privateKey: KeyFault = {
  message: 'this is a private key: who can read it can make tokens',
  hint: 'Take it for lost and make another pair; write here what `openssl pkey -in private.pem -pubout` prints.',
}

/** A public key in PEM form, of a kind that can be told from its text; whether it is a point of its curve is not asked here. */
export function readPem(text: string): ReadKey {
  const pem = /^\s*-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/.exec(text)
  if (/PRIVATE KEY-----/.test(text)) return { fault: privateKey }
  if (pem === null) {
    const message = 'this is not one public key in PEM form'
    const hint =
      'Write its text, from `-----BEGIN PUBLIC KEY-----` to the end, below `pem: |`; not the path of a file.'
    return { fault: { message, hint } }
  }
  const label = pem[1]
  if (label !== 'PUBLIC KEY') return { fault: anotherText(label ?? '') }
  const spki = (pem[2] ?? '').replaceAll(/\s/g, '')
  const alg = algorithmOf(spki)
  return alg === null ? { fault: unknownKind('this key') } : { key: { alg, spki } }
}

function anotherText(label: string): KeyFault {
  const message = `this is a ${label.toLowerCase()}, and not a public key in the form that every program reads`
  if (label === 'CERTIFICATE')
    return { message, hint: 'Write here what `openssl x509 -in cert.pem -noout -pubkey` prints.' }
  return { message, hint: 'Write here what `openssl rsa -RSAPublicKey_in -in FILE -pubout` prints.' }
}

function unknownKind(what: string): KeyFault {
  return { message: `${what} is of no kind that is taken: ${wanted}`, hint: makeOne }
}

function algorithmOf(spki: string): TokenAlgorithm | null {
  const hex = hexOf(spki)
  if (hex === null) return null
  const bytes = hex.length / 2
  if (hex.startsWith(ed25519Head)) return bytes === ed25519Bytes ? 'EdDSA' : null
  if (hex.startsWith(p256Head)) return bytes === p256Bytes ? 'ES256' : null
  if (rsaHead.test(hex)) return bytes >= rsaBytes.least && bytes <= rsaBytes.most ? 'RS256' : null
  return null
}

function hexOf(base64: string): string | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) return null
  return Array.from(atob(base64), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

/** The members of a public key that count, by kind: RFC 8037 §2, RFC 7518 §6.2.1 and §6.3.1. */
const kinds = [
  { alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519', members: { x: /^[\w-]{43}$/ } },
  { alg: 'ES256', kty: 'EC', crv: 'P-256', members: { x: /^[\w-]{43}$/, y: /^[\w-]{43}$/ } },
  { alg: 'RS256', kty: 'RSA', crv: undefined, members: { n: /^[\w-]{342,1366}$/, e: /^[\w-]{1,11}$/ } },
] as const

/** A public key as a JSON Web Key. What else it holds is left aside, as RFC 7517 §4 wants it. */
export function readJwk(jwk: ReadonlyMap<string, string>): ReadKey {
  if (jwk.get('kty') === 'oct') {
    const message = 'a key of kind `oct` is a shared secret (HS256)'
    return { fault: { message, hint: sharedSecretHint } }
  }
  if (['d', 'p', 'q', 'dp', 'dq', 'qi'].some((member) => jwk.has(member))) return { fault: privateKey }
  const kind = kinds.find(({ kty, crv }) => kty === jwk.get('kty') && crv === jwk.get('crv'))
  if (kind === undefined) return { fault: unknownKind('this JWK') }
  if (jwk.has('use') && jwk.get('use') !== 'sig') {
    const message = 'this JWK is not for signatures: its `use` is another'
    return { fault: { message, hint: 'Write the one with `use: sig`.' } }
  }
  const members = Object.entries<RegExp>(kind.members)
  const broken = members.find(([member, form]) => !form.test(jwk.get(member) ?? ''))
  if (broken !== undefined) {
    const message = `the member \`${broken[0]}\` of this JWK is missing, or not of the size that its kind has`
    return { fault: { message, hint: `Copy the whole JWK. Taken are ${wanted}.` } }
  }
  const kept = ['kty', 'crv', ...members.map(([member]) => member)].flatMap((member) => {
    const value = jwk.get(member)
    return value === undefined ? [] : [[member, value] as const]
  })
  const alg = jwk.get('alg')
  const fault = alg === undefined ? null : algorithmFault(alg, kind.alg)
  if (fault !== null) return { fault }
  const kid = jwk.get('kid')
  return { key: { ...(kid === undefined ? {} : { kid }), alg: kind.alg, jwk: Object.fromEntries(kept) } }
}

const sharedSecretHint =
  'The gateway keeps what it checks with in its route table, where a shared secret would let every reader make tokens. Sign with a key pair: EdDSA, ES256 or RS256.'

/** What is wrong with a written `alg` beside a key that is for `of`; null: nothing. */
export function algorithmFault(written: string, of: TokenAlgorithm): KeyFault | null {
  if (written === of) return null
  if (/^hs\d+$/i.test(written))
    return { message: `\`${written}\` signs with a shared secret`, hint: sharedSecretHint }
  if (/^none$/i.test(written)) {
    const message = '`none` means that nobody signed the token'
    return { message, hint: 'Anybody can write such a token. Sign with a key pair: EdDSA, ES256 or RS256.' }
  }
  const message = `this key is for \`${of}\`, and for nothing else`
  return { message, hint: `Write \`alg: ${of}\`, or leave \`alg\` out: the key decides it.` }
}
