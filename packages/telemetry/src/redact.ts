const blanked = '[redacted]'

/** Keys whose text is a secret by its name. A number under such a key (a fencing token) is none. */
const secretField =
  /("[^"]*(?:password|passphrase|secret|authorization|cookie|credential|api[_-]?key|private[_-]?key|master[_-]?key|access[_-]?key|token)[^"]*":)"(?:[^"\\]|\\.)*"/gi
const urlPassword = /\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@"\\]*:)[^\s/@"\\]+(?=@)/gi
const bearer = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g

/**
 * The line without secrets: the text of fields that are named for one, passwords in addresses, Bearer and Basic credentials, private
 * keys. A net beneath the rule that nobody logs a secret, not a replacement for it. Pure.
 */
export function redacted(line: string): string {
  return line
    .replace(secretField, `$1"${blanked}"`)
    .replace(urlPassword, `$1${blanked}`)
    .replace(bearer, `$1 ${blanked}`)
    .replace(privateKey, blanked)
}
