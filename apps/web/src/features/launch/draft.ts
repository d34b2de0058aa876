const keyPrefix = 'skykeep-launch-draft:'

/** Names of variables whose values are likely to be secret although they stand under `envs`. */
const secretName = /(?:TOKEN|SECRET|PASSW|CREDENTIAL|KEY)/i

/**
 * The text as it may be kept in the browser: values of `secrets`, and of variables that sound like one, are left out. Null where it cannot be
 * told for certain what is secret: then nothing is kept. Pure.
 */
export function keptText(text: string): string | null {
  const lines: string[] = []
  let section = ''
  for (const line of text.split('\n')) {
    const top = /^(["']?)([\w-]+)\1\s*:(.*)$/.exec(line)
    if (top !== null) section = top[2] ?? ''
    const kept = section === 'secrets' ? secretLine(line) : variableLine(line)
    if (kept === null) return null
    lines.push(kept)
  }
  return lines.join('\n')
}

/** A line of the `secrets` section with its value taken away; null for a form whose value is not one plain line. */
function secretLine(line: string): string | null {
  if (/^\s*(?:#.*)?$/.test(line)) return line.trim() === '' ? line : ''
  if (/^secrets\s*:\s*(?:#.*)?$/.test(line)) return 'secrets:'
  const named = /^(\s+)(\w+)\s*:(.*)$/.exec(line)
  if (named !== null) return /^\s*[|>&]/.test(named[3] ?? '') ? null : `${named[1]}${named[2]}:`
  // A name of the list form; a value never stands there.
  return /^\s*-\s+[A-Za-z_]\w*\s*$/.test(line) ? line : null
}

/** Any other line; a variable that sounds secret loses its value. Null where secrets stand in another form. */
function variableLine(line: string): string | null {
  if (/\bsecrets\b["']?\s*:/.test(line)) return null
  const named = /^(\s+)(\w+)\s*:\s*(\S.*)$/.exec(line)
  if (
    named === null ||
    !secretName.test(named[2] ?? '') ||
    (named[2] ?? '') !== (named[2] ?? '').toUpperCase()
  )
    return line
  return /^[|>&]/.test(named[3] ?? '') ? null : `${named[1]}${named[2]}:`
}

/** Where the draft of one persistent path lies: another one on the same port has its own. */
function keyOf(installationId: string, service: string | null): string {
  return `${keyPrefix}${installationId}:${service ?? ''}`
}

/** The kept draft; null without one, or where nothing may be stored. */
export function readDraft(installationId: string, service: string | null): string | null {
  try {
    return localStorage.getItem(keyOf(installationId, service))
  } catch {
    return null
  }
}

/** Keeps the text without its secrets; an empty one, and one that cannot be kept, takes the draft away. Returns whether it is kept. */
export function keepDraft(installationId: string, service: string | null, text: string): boolean {
  const kept = keptText(text)
  try {
    if (kept === null || kept.trim() === '') localStorage.removeItem(keyOf(installationId, service))
    else localStorage.setItem(keyOf(installationId, service), kept)
    return kept !== null
  } catch {
    return false
  }
}
