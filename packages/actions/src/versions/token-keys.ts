import { createPublicKey, type KeyObject } from 'node:crypto'
import { SkykeepError } from '@skykeep/core/errors'
import type { TokenAlgorithm, TokenKeySpec } from '@skykeep/core/service-spec'

const rsaBits = { least: 2048, most: 8192 }

/** Looks whether the gateway can check with each key. Throws INVALID_INPUT that says which one is of no use. */
export function checkTokenKeys(keys: readonly TokenKeySpec[]): void {
  for (const [at, key] of keys.entries()) {
    if (isUsable(key)) continue
    const name = key.kid === undefined ? `number ${at + 1}` : `\`${key.kid}\``
    throw new SkykeepError('INVALID_INPUT', `public key ${at + 1} of access.tokens is none for ${key.alg}`, {
      userMessage: `The public key ${name} of \`service.load_balancer.access.tokens\` cannot be read as one for ${key.alg}.`,
      hint: 'Copy it again from where it was made: `openssl pkey -in private.pem -pubout`. RSA keys need 2048 to 8192 bits.',
    })
  }
}

function isUsable({ alg, spki, jwk }: TokenKeySpec): boolean {
  try {
    const key =
      spki === undefined
        ? createPublicKey({ key: { ...jwk }, format: 'jwk' })
        : createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })
    return isFor(key, alg)
  } catch {
    return false
  }
}

function isFor({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject, alg: TokenAlgorithm): boolean {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails
  if (alg === 'EdDSA') return asymmetricKeyType === 'ed25519'
  if (alg === 'ES256') return asymmetricKeyType === 'ec' && namedCurve === 'prime256v1'
  return asymmetricKeyType === 'rsa' && modulusLength >= rsaBits.least && modulusLength <= rsaBits.most
}
