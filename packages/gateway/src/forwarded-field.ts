/** `1#forwarded-element` of RFC 7239 §4: each pair is read in one way only, so that the time is linear. */
const elements =
  /^[!#$%&'*+\-.^_`|~\w]+=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[^"\\]|\\.)*")(?:[ \t]*[;,][ \t]*[!#$%&'*+\-.^_`|~\w]+=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[^"\\]|\\.)*"))*$/

/** True for the whole value of a Forwarded field that every reader takes apart alike. */
export function isForwarded(value: string): boolean {
  return elements.test(value)
}

/**
 * What this hop adds to Forwarded (RFC 7239 §4): for, host and proto.
 * @param address of the client as it connected; IPv6 is bracketed and quoted (§6).
 * @param host already checked: it holds neither quotes nor backslashes.
 */
export function forwardedElement(address: string, host: string, isTls: boolean): string {
  const node = address.includes(':') ? `"[${address}]"` : address
  return `for=${node};host="${host}";proto=${isTls ? 'https' : 'http'}`
}
