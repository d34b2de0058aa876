import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { SkykeepError } from '@skykeep/core/errors'

/** PEM texts as a client sends them. The key is never shown, logged or put into an error. */
export interface TlsFiles {
  /** The certificate, then what it is signed with, up to the root. */
  readonly certificate: string
  readonly key: string
}

/**
 * Looks whether the gateway can serve with them. Returns what a person should know: a certificate that has expired or is not valid yet.
 * Throws INVALID_INPUT for texts that are no certificate or key, a key with a passphrase, and a key that belongs to another certificate.
 */
export function checkTlsFiles(files: TlsFiles, nowMs: number): readonly string[] {
  const certificate = readCertificate(files.certificate)
  const key = readKey(files.key)
  if (!certificate.checkPrivateKey(key)) {
    throw refused('the key does not belong to the certificate', {
      userMessage: `service.tls: the key does not belong to the certificate of ${subjectOf(certificate)}.`,
      hint: 'Name the key that the certificate was made with; the first certificate of the file must be the server’s own.',
    })
  }
  const from = Date.parse(certificate.validFrom)
  const to = Date.parse(certificate.validTo)
  if (to < nowMs)
    return [`The certificate of ${subjectOf(certificate)} expired on ${dayOf(to)}: clients will refuse it.`]
  if (from > nowMs)
    return [
      `The certificate of ${subjectOf(certificate)} is not valid before ${dayOf(from)}: clients will refuse it.`,
    ]
  return []
}

/** What tells one pair from another without giving the key away: SHA-256, hex, of each text. */
export function tlsFingerprints(files: TlsFiles): { readonly certificate: string; readonly key: string } {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  return { certificate: hash(files.certificate), key: hash(files.key) }
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw refused('no certificate', {
      userMessage: 'service.tls.certfile holds no certificate in PEM form.',
      hint: 'It begins with `-----BEGIN CERTIFICATE-----`; convert a DER file with `openssl x509 -inform der -in FILE`.',
    })
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    const isSealed = pem.includes('ENCRYPTED')
    throw refused(isSealed ? 'a key with a passphrase' : 'no private key', {
      userMessage: isSealed
        ? 'service.tls.keyfile has a passphrase, which nobody can type when the gateway starts again.'
        : 'service.tls.keyfile holds no private key in PEM form.',
      hint: 'Write it without one: `openssl pkey -in FILE -out key.pem`. It is kept in the persistent path, readable by its owner only.',
    })
  }
}

function refused(
  why: string,
  details: { readonly userMessage: string; readonly hint: string },
): SkykeepError {
  return new SkykeepError('INVALID_INPUT', `TLS files: ${why}`, details)
}

function subjectOf({ subject, subjectAltName }: X509Certificate): string {
  const name = /^CN=(.+)$/m.exec(subject)?.[1] ?? subjectAltName ?? 'no name'
  return name.slice(0, 100)
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}
