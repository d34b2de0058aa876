import type { Parting } from './differences.ts'

/** Why each refusal of ours is right, by the text that the client gets. */
const faults: readonly (readonly [RegExp, string])[] = [
  [
    /^a bare LF$/,
    'RFC 9112 2.2 lets a recipient take a bare LF as a line end; what need not be read in two ways is refused',
  ],
  [
    /^a bad method$/,
    'RFC 9112 3: a method is a token, of 32 characters at most here; one empty line may precede it',
  ],
  [
    /^a bad request target$/,
    'RFC 9112 3.2: origin, absolute (http, https) or asterisk form, of visible ASCII without a fragment',
  ],
  [/^a bad HTTP version$/, 'RFC 9112 2.3: HTTP/1.0 or HTTP/1.1, then CRLF; no HTTP/0.9, no space behind'],
  [/^CONNECT is not served$/, 'RFC 9110 9.3.6: only a proxy that a client chose opens tunnels'],
  [/^the target \* is for OPTIONS only$/, 'RFC 9112 3.2.4'],
  [/^two Host fields$|^no Host$|^a bad Host$/, 'RFC 9112 3.2: exactly one valid Host'],
  [
    /^a tab beside a /,
    'RFC 9110 5.6.3 allows it, but nginx counts the tab as part of the value: a field that frames is not passed on with one',
  ],
  [/^an expectation other than 100-continue$/, 'RFC 9110 10.1.1 allows 417'],
  [
    /^a bad Connection field$|^Connection lists /,
    "RFC 9110 7.6.1: tokens; framing, routing and credentials are not the client's to take out",
  ],
  [
    /^(?:two|a bad) Content-Length|^Content_Length$/,
    'RFC 9112 6.3: digits, once; RFC 9110 8.6 lets equal ones be refused; CGI-like servers read _ as -',
  ],
  [
    /Transfer-Encoding|^Transfer_Encoding$/,
    'RFC 9112 6.1, 6.3: chunked, alone, once, in HTTP/1.1, without a length',
  ],
  [/^a folded line$/, 'RFC 9112 5.2: a server refuses line folding'],
  [
    /^a field without a name$|^a character that a field name/,
    'RFC 9112 5.1: a token, and no space before the colon',
  ],
  [/^a control character, bare CR or bare LF/, 'RFC 9110 5.5: no control characters in a value'],
  [/^bytes after the head$/, 'RFC 9112 2.1: a head ends at its first empty line'],
  [
    /^a bad chunk$/,
    'RFC 9112 7.1: hex digits, extensions without control characters, CRLF, no trailer that frames, routes or authenticates',
  ],
  [/^a head over/, 'RFC 9110 5.4 leaves the limit to the server'],
]

/** '' for a refusal that nobody has explained. */
export function explanationOfFault(fault: string): string {
  return faults.find(([pattern]) => pattern.test(fault))?.[1] ?? ''
}

interface PeerRule {
  readonly name: string
  readonly why: string
  readonly matches: (parting: Parting) => boolean
}

/** What peers do that ours does not, each with its reason. */
export const peerRules: readonly PeerRule[] = [
  {
    name: 'refuses a path that climbs above the root, or an escape that is none',
    why: 'nginx decodes the path to choose a location; RFC 9110 7.1 lets a gateway pass it as it is',
    matches: ({ ours, peer, peerName, at }) =>
      peerName === 'nginx' && isRefused(peer, at) && ours.forwarded.some((text) => undecodable.test(text)),
  },
  {
    name: 'goes on after close and keep-alive in one request',
    why: 'RFC 9112 9.3: close wins, whatever stands beside it',
    matches: ({ ours, peer, sent }) =>
      ours.isClosed &&
      peer.requests.length > ours.requests.length &&
      /\nConnection: close(?:, |\r\nConnection: )keep-alive\r/.test(sent),
  },
  {
    name: 'refuses a second Expect',
    why: 'RFC 9110 10.1.1: Expect is a list, and two equal fields are one; nginx takes the field once',
    matches: ({ peer, peerName, sent, at }) =>
      peerName === 'nginx' && isRefused(peer, at) && /\nExpect:.*\r\nExpect:/i.test(sent),
  },
  {
    name: 'passes an HTTP/1.0 request without Host on without one',
    why: 'ours speaks HTTP/1.1 to replicas, where RFC 9112 3.2 demands a Host',
    matches: ({ ours, peer, at }) => peer.requests[at]?.host === '' && ours.requests[at]?.host !== '',
  },
  {
    name: 'refuses a body of GET, HEAD or DELETE in HTTP/1.0',
    why: 'HAProxy answers 413, since such a body is often overlooked; ours passes it on in HTTP/1.1 with its length',
    matches: ({ ours, peer, peerName, at }) =>
      peerName === 'haproxy' &&
      peer.got[at]?.status === 413 &&
      /^(?:GET|HEAD|DELETE)$/.test(ours.requests[at]?.method ?? ''),
  },
  {
    name: 'loses the last answer to a reset, for it closes with bytes unread',
    why: 'RFC 9112 9.6 tells to close in stages; ours reads on for a moment',
    matches: ({ ours, peer, sent }) =>
      peer.isClosed &&
      peer.requests.length === ours.requests.length &&
      peer.got.length < ours.got.length &&
      sent.includes(' HTTP/1.0\r\n'),
  },
  {
    name: 'refuses a method that it does not know',
    why: 'RFC 9110 9.1 leaves the set of methods open; nginx takes capitals, _ and -, and no TRACE or CONNECT',
    matches: ({ ours, peer, peerName, at }) =>
      peerName === 'nginx' && isRefused(peer, at) && /^TRACE$|[^A-Z_-]/.test(ours.requests[at]?.method ?? ''),
  },
  {
    name: 'refuses a chunk of over 4 GiB',
    why: 'RFC 9112 7.1 leaves the limit to the recipient; ours passes on what comes of it',
    matches: ({ ours, peer, at, sent }) =>
      isRefused(peer, at) && ours.rest === 'cut' && sent.includes('\r\n100000003\r\n'),
  },
  {
    name: 'refuses the target *',
    why: 'nginx has no location for it; RFC 9112 3.2.4 asks a gateway to pass it on with OPTIONS',
    matches: ({ ours, peer, at }) => isRefused(peer, at) && targetOf(ours, at) === '*',
  },
  {
    name: 'passes an absolute target on as it is, or refuses one beside another Host',
    why: 'RFC 9112 3.2.2: the target overrides Host, and an origin server takes either form; ours writes a path and the Host of the target',
    matches: ({ sent }) => /https?:\/\/[ab]/.test(sent),
  },
]

/** A request line with a path that leaves the root, or with a % that two hex digits do not follow. */
export const undecodable = / \/(?:(?:%2e|\.){2}(?:\/|\s)|\S*%(?![\da-f]{2}))/i

function isRefused(outcome: Parting['peer'], at: number): boolean {
  return outcome.got[at]?.isOwn === true
}

function targetOf(outcome: Parting['ours'], at: number): string {
  return outcome.requests[at]?.target ?? ''
}
