/** One stream of bytes that two servers have been seen, or could be seen, to read differently. */
export interface SmugglingCase {
  readonly name: string
  /** The section that rules it, or the public description of the attack. */
  readonly source: string
  readonly bytes: string
  /** Status of the refusal; nothing of the request may be read as whole by a replica. */
  readonly refusal: number
}

/** One stream that must reach the replica as exactly these requests. */
export interface ForwardedCase extends Omit<SmugglingCase, 'refusal'> {
  /** Request line, Host and body (without chunk framing) of each. */
  readonly requests: readonly (readonly [line: string, host: string, body: string])[]
}

export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const post = 'POST /first HTTP/1.1\r\nHost: a\r\n'
const get = 'GET /first HTTP/1.1\r\nHost: a\r\n'
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`

const kettle = 'HTTP Desync Attacks (Kettle, 2019)'
const browser = 'Browser-Powered Desync Attacks (Kettle, 2022)'
const endgame = 'HTTP/1.1 must die: the desync endgame (Kettle, 2025)'
const funky = 'Funky chunks (w4ke, 2025)'
const framing = 'RFC 9112 6.3'

/** A head with one field that hides or doubles the framing; the rest is a chunked body with a request behind it. */
function hidden(name: string, field: string, source = kettle): SmugglingCase {
  return {
    name,
    source,
    bytes: `${post}${field}\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
    refusal: 400,
  }
}

function length(name: string, fields: string, source = framing): SmugglingCase {
  return { name, source, bytes: `${post}${fields}\r\n\r\nabc${smuggled}`, refusal: 400 }
}

function head(name: string, source: string, bytes: string, refusal = 400): SmugglingCase {
  return { name, source, bytes: `${bytes}${smuggled}`, refusal }
}

function body(name: string, source: string, bytes: string): SmugglingCase {
  return { name, source, bytes: `${chunked}${bytes}${smuggled}`, refusal: 400 }
}

const doubles: readonly SmugglingCase[] = [
  head('CL.TE', kettle, `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  head('TE.CL', kettle, `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n`),
  head(
    'TE.CL with Content-Length: 0',
    browser,
    `${post}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ),
  length('CL.CL', `Content-Length: 0\r\nContent-Length: ${smuggled.length}`),
  length('two equal lengths', 'Content-Length: 3\r\nContent-Length: 3'),
  length('a list of equal lengths', 'Content-Length: 3, 3'),
  length('a list without a space', 'Content-Length: 3,3'),
  length('a list of lengths', `Content-Length: 0, ${smuggled.length}`),
  length('a length with a sign', 'Content-Length: +3'),
  length('a negative length', 'Content-Length: -3'),
  length('a length in hex', 'Content-Length: 0x3'),
  length('a length with an exponent', 'Content-Length: 3e0'),
  length('a length with a fraction', 'Content-Length: 3.0'),
  length('a length with a separator', 'Content-Length: 1_0'),
  length('a quoted length', 'Content-Length: "3"'),
  length('a length with NUL', 'Content-Length: 3\0'),
  length('a length with a parameter', 'Content-Length: 3;x=y'),
  length('an empty length', 'Content-Length: '),
  length('a length beyond 64 bits', 'Content-Length: 18446744073709551619'),
  length('a length that overflows a double', 'Content-Length: 9007199254740993'),
  length('a length behind a tab', 'Content-Length:\t3', 'nginx counts the tab as part of the value'),
  length('a length in two words', 'Content-Length: 3 4'),
  length('a length behind a vertical tab', 'Content-Length:\x0b3'),
  length('0.CL: a space before the colon of the length', 'Content-Length : 3', endgame),
  length('0.CL: a folded length', 'Content-Length:\r\n 3', endgame),
  length('0.CL: a space before the name', ' Content-Length: 3', endgame),
  length(
    '0.CL: a length named in Connection',
    'Content-Length: 3\r\nConnection: Content-Length',
    'RFC 9110 7.6.1',
  ),
  length('0.CL: a fold by a tab', 'Content-Length:\r\n\t3', endgame),
  length('0.CL: a length without a value, then one', 'Content-Length:\r\nContent-Length: 3', endgame),
  length('CL.CL: the second in other letters', 'Content-Length: 0\r\ncONTENT-lENGTH: 3', kettle),
  length('a length in two fields behind a bare CR', 'Content-Length: 0\rContent-Length: 3', kettle),
  length('a length with NBSP', 'Content-Length: 3\xa0'),
  length('an underscored length', 'Content_Length: 3', 'CGI (RFC 3875 4.1.18) reads _ as -'),
  length('CL hidden behind NUL', 'X: a\0\r\nContent-Length: 3', 'RFC 9110 5.5'),
]

const codings: readonly SmugglingCase[] = [
  hidden('TE.TE: xchunked', 'Transfer-Encoding: xchunked'),
  hidden('TE.TE: a space before the colon', 'Transfer-Encoding : chunked'),
  hidden('TE.TE: a tab before the colon', 'Transfer-Encoding\t: chunked'),
  hidden('TE.TE: a tab before the value', 'Transfer-Encoding:\tchunked'),
  head('TE.TE: a tab before the value, alone', kettle, `${post}Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n`),
  head(
    'TE.TE: a tab behind the value, alone',
    kettle,
    `${post}Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n`,
  ),
  hidden('TE.TE: a second field', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x'),
  hidden('TE.TE: a first field', 'Transfer-Encoding: x\r\nTransfer-Encoding: chunked'),
  hidden('TE.TE: a space before the name', ' Transfer-Encoding: chunked'),
  hidden('TE.TE: a fold', 'Transfer-Encoding:\r\n chunked'),
  hidden('TE.TE: a fold by a tab', 'Transfer-Encoding:\r\n\tchunked'),
  hidden('TE.TE: behind a bare LF', 'X: y\nTransfer-Encoding: chunked'),
  hidden('TE.TE: behind a bare CR', 'X: y\rTransfer-Encoding: chunked'),
  hidden('TE.TE: a bare CR in the value', 'Transfer-Encoding: chunked\r'),
  hidden('TE.TE: a vertical tab', 'Transfer-Encoding: \x0bchunked'),
  hidden('TE.TE: a form feed', 'Transfer-Encoding: chunked\x0c'),
  hidden('TE.TE: NUL', 'Transfer-Encoding: chunked\0'),
  hidden('TE.TE: NUL in the name', 'Transfer-Encoding\0: chunked'),
  hidden('TE.TE: NBSP', 'Transfer-Encoding: \xa0chunked'),
  hidden('TE.TE: DEL', 'Transfer-Encoding: \x7fchunked'),
  hidden('TE.TE: quotes', 'Transfer-Encoding: "chunked"'),
  hidden('TE.TE: apostrophes', "Transfer-Encoding: 'chunked'"),
  hidden('TE.TE: a list that ends in identity', 'Transfer-Encoding: chunked, identity'),
  hidden('TE.TE: a list that begins with identity', 'Transfer-Encoding: identity, chunked'),
  hidden('TE.TE: identity', 'Transfer-Encoding: identity'),
  hidden('TE.TE: an empty list member', 'Transfer-Encoding: , chunked'),
  hidden('TE.TE: chunked twice', 'Transfer-Encoding: chunked, chunked', 'RFC 9112 6.1'),
  hidden('TE.TE: a parameter', 'Transfer-Encoding: chunked;q=1', 'RFC 9112 7'),
  hidden('TE.TE: empty', 'Transfer-Encoding:'),
  hidden('TE.TE: a word that is cut short', 'Transfer-Encoding: chunk'),
  hidden('TE.TE: a list that ends in nothing', 'Transfer-Encoding: chunked,'),
  hidden('TE.TE: two codings without a comma', 'Transfer-Encoding: chunked chunked'),
  hidden('TE.TE: NUL in the value', 'Transfer-Encoding: chu\0nked'),
  hidden('TE.TE: a space in the name', 'Transfer Encoding: chunked'),
  hidden('TE.TE: a bare CR before the name', '\rTransfer-Encoding: chunked'),
  hidden('TE.TE: a bare LF before the value', 'Transfer-Encoding:\nchunked'),
  hidden('TE.TE: NUL before the name', '\0Transfer-Encoding: chunked'),
  hidden('TE.TE: behind a field without a colon', 'X\r\nTransfer-Encoding: chunked'),
  hidden('TE.TE: an underscore', 'Transfer_Encoding: chunked'),
  hidden('TE.TE: no colon', 'Transfer-Encoding chunked'),
  hidden('TE.TE: a mixed case with a length', 'tRANSFER-eNCODING: cHUNKED'),
  hidden('TE.TE: another coding', 'Transfer-Encoding: gzip', 'RFC 9112 6.1'),
  hidden(
    'TE named in Connection',
    'Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding',
    'RFC 9110 7.6.1',
  ),
  head(
    'TE in HTTP/1.0',
    'RFC 9112 6.1',
    'POST /first HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
]

const chunks: readonly SmugglingCase[] = [
  body('TERM.EXT: a bare LF in an extension', funky, '3;a\nabc\r\n0\r\n\r\n'),
  body('TERM.EXT: a bare LF behind a semicolon', funky, '2;\nxx\r\n10\r\nabc\r\n0\r\n\r\n'),
  body('EXT.TERM: a bare CR in an extension', funky, '3;a\rabc\r\n0\r\n\r\n'),
  body('TERM.SPILL: a chunk that ends in LF', funky, '3\r\nabc\n0\r\n\r\n'),
  body('SPILL.TERM: a chunk that ends in CR', funky, '3\r\nabc\r0\r\n\r\n'),
  body('SPILL.TERM: a chunk that ends in any two bytes', funky, '3\r\nabcXX0\r\n\r\n'),
  body('a size line that ends in LF', funky, '3\nabc\r\n0\r\n\r\n'),
  body('a size line that ends in CR', funky, '3\rabc\r\n0\r\n\r\n'),
  body('a last chunk that ends in LF', 'RFC 9112 7.1', '3\r\nabc\r\n0\n\n'),
  body('a body that ends in LF', 'RFC 9112 7.1', '3\r\nabc\r\n0\r\n\n'),
  body('TERM.EXT: a line break in quotes', funky, '3;a="\r\nabc\r\n"\r\n0\r\n\r\n'),
  body('TERM.EXT: a bare LF in quotes', funky, '3;a="\n"\r\nabc\r\n0\r\n\r\n'),
  body('EXT.TERM: a bare CR before the line end', funky, '3;a\r\r\nabc\r\n0\r\n\r\n'),
  body('TERM.EXT: a bare LF behind the last chunk', funky, '3\r\nabc\r\n0;a\n\r\n'),
  body('a space before an extension', funky, '3 ;a=b\r\nabc\r\n0\r\n\r\n'),
  body('two CRs behind a size', funky, '3\r\r\nabc\r\n0\r\n\r\n'),
  body('a chunk that ends in LF CR', funky, '3\r\nabc\n\r0\r\n\r\n'),
  body('SPILL.TERM: a last chunk that ends in any two bytes', funky, '3\r\nabc\r\n0\r\nXX'),
  body('a fraction of a size', 'RFC 9112 7.1', '3.0\r\nabc\r\n0\r\n\r\n'),
  body('a quoted size', 'RFC 9112 7.1', '"3"\r\nabc\r\n0\r\n\r\n'),
  body('NUL in an extension', 'RFC 9112 7.1.1', '3;a\0\r\nabc\r\n0\r\n\r\n'),
  body('an extension without end', 'RFC 9112 7.1.1', `3;${'a'.repeat(300)}\r\nabc\r\n0\r\n\r\n`),
  body('an extension without a semicolon', 'RFC 9112 7.1', '3 a=b\r\nabc\r\n0\r\n\r\n'),
  body('a chunk longer than it says', 'RFC 9112 7.1', '3\r\nabcdef\r\n0\r\n\r\n'),
  body('a size with a space behind it', 'RFC 9112 7.1', '3 \r\nabc\r\n0\r\n\r\n'),
  body('a size with a space before it', 'RFC 9112 7.1', ' 3\r\nabc\r\n0\r\n\r\n'),
  body('a size in 0x', 'RFC 9112 7.1', '0x3\r\nabc\r\n0\r\n\r\n'),
  body('a size with a sign', 'RFC 9112 7.1', '+3\r\nabc\r\n0\r\n\r\n'),
  body('a negative size', 'RFC 9112 7.1', '-3\r\nabc\r\n0\r\n\r\n'),
  body('a size with a separator', 'RFC 9112 7.1', '0_3\r\nabc\r\n0\r\n\r\n'),
  body('a size that overflows 64 bits', 'RFC 9112 7.1', 'ffffffffffffffff3\r\nabc\r\n0\r\n\r\n'),
  body(
    'a size that overflows 32 bits and leading zeros',
    'RFC 9112 7.1',
    '0000000100000003\r\nabc\r\n0\r\n\r\n',
  ),
  body('an empty size', 'RFC 9112 7.1', '\r\n0\r\n\r\n'),
  body('a length in the trailer', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nContent-Length: 40\r\n\r\n'),
  body('a coding in the trailer', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'),
  body('a Host in the trailer', 'RFC 9110 6.5.1', '0\r\nHost: b\r\n\r\n'),
  body('a credential in the trailer', 'RFC 9110 6.5.1', '0\r\nAuthorization: x\r\n\r\n'),
  body('an address in the trailer', 'RFC 7239 8.1', '0\r\nForwarded: for=6.6.6.6\r\n\r\n'),
  body('a bare LF in the trailer', funky, '0\r\nX: y\n\r\n'),
  body('a fold in the trailer', 'RFC 9112 5.2', '0\r\nX: y\r\n z\r\n\r\n'),
  body('a trailer without a colon', 'RFC 9112 7.1.2', '0\r\nnothing\r\n\r\n'),
]

const heads: readonly SmugglingCase[] = [
  head('a head that ends in bare LFs', 'RFC 9112 2.2', 'GET / HTTP/1.1\nHost: a\n\n'),
  head('a head that ends in LF CRLF', 'RFC 9112 2.2', 'GET / HTTP/1.1\r\nHost: a\n\r\n'),
  head('a head that ends in CRLF LF', 'RFC 9112 2.2', 'GET / HTTP/1.1\r\nHost: a\r\n\n'),
  head('a head that ends in CR CR', 'RFC 9112 2.2', 'GET / HTTP/1.1\rHost: a\r\r'),
  head('CR CR LF', 'RFC 9112 2.2', `${get}X: y\r\r\n\r\n`),
  head('NUL before the method', 'RFC 9112 3', '\0\0'),
  head('a space before the method', 'RFC 9112 3', ' '),
  head('a byte order mark', 'RFC 9112 3', '\xef\xbb\xbf'),
  head('two empty lines first', 'RFC 9112 2.2', '\r\n\r\n'),
  head('a fold behind the request line', 'RFC 9112 2.2', 'GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n'),
  head('a tab between method and target', 'RFC 9112 3', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('two spaces before the version', 'RFC 9112 3', 'GET /  HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('two versions', 'RFC 9112 3', 'GET / HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('HTTP/0.9', 'RFC 9112 2.3', 'GET /\r\n\r\n'),
  head('HTTP/1.01', 'RFC 9112 2.3', 'GET / HTTP/1.01\r\nHost: a\r\n\r\n'),
  head('HTTP/2 by its number', 'RFC 9110 15.6.6', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505),
  head('the HTTP/2 preface', 'RFC 9113 3.4', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
  head('CONNECT', 'RFC 9110 9.3.6', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 405),
  head('no Host', 'RFC 9112 3.2', 'GET / HTTP/1.1\r\n\r\n'),
  head('two Hosts', 'RFC 9112 3.2', `${get}Host: b\r\n\r\n`),
  head('two equal Hosts', 'RFC 9112 3.2', `${get}Host: a\r\n\r\n`),
  head('a Host with a space before the colon', endgame, `${get}Host : b\r\n\r\n`),
  head(
    'a Host behind a tab',
    'nginx counts the tab as part of the value',
    'GET / HTTP/1.1\r\nHost:\ta\r\n\r\n',
  ),
  head('a Host with a path', 'RFC 9112 3.2', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'),
  head('a Host list', 'RFC 9112 3.2', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'),
  head(
    'an absolute target with user information',
    'RFC 9110 4.2.4',
    'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n',
  ),
  head('an absolute target without a host', 'RFC 9112 3.2.2', 'GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('another scheme', 'RFC 9112 3.2.2', 'GET gopher://a/ HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('an authority as the target of GET', 'RFC 9112 3.2.3', 'GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('* for GET', 'RFC 9112 3.2.4', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('a relative target', 'RFC 9112 3.2.1', 'GET x HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('a fragment', 'RFC 9112 3.2', 'GET /#x HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('a backslash before the path', 'RFC 9112 3.2.1', 'GET \\x HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('a line break in the target', 'RFC 9112 3', 'GET /\r\nHost: a\r\n\r\n'),
  head('NUL in the target', 'RFC 9112 3', 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('a target in UTF-8', 'RFC 3986 2', 'GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n'),
  head('a name in UTF-8', 'RFC 9110 5.1', `${get}X\xc3: y\r\n\r\n`),
  head('a field without a name', 'RFC 9110 5.1', `${get}: y\r\n\r\n`),
  head('a line without a colon', 'RFC 9112 5', `${get}nothing\r\n\r\n`),
  head('a head over 32 KiB', 'RFC 9110 5.4', `${get}X: ${'y'.repeat(40_000)}\r\n\r\n`),
  head('an endless head', 'RFC 9110 5.4', `${get}X: ${'y'.repeat(70_000)}`),
  head('Expect: another', 'RFC 9110 10.1.1', `${post}Expect: x\r\nContent-Length: 3\r\n\r\nabc`, 417),
  head('Expect: obfuscated', endgame, `${post}Expect: y 100-continue\r\nContent-Length: 3\r\n\r\nabc`, 417),
  head('Expect: a fold', endgame, `${post}Expect:\r\n 100-continue\r\nContent-Length: 3\r\n\r\nabc`, 417),
  head(
    'Expect: a list',
    endgame,
    `${post}Expect: 100-continue, 100-continue\r\nContent-Length: 3\r\n\r\nabc`,
    417,
  ),
]

export const refused: readonly SmugglingCase[] = [...doubles, ...codings, ...chunks, ...heads]

const first = (text: string): readonly [string, string, string] => ['POST /first HTTP/1.1', 'a', text]
const second = ['GET /smuggled HTTP/1.1', 'a', ''] as const

export const forwarded: readonly ForwardedCase[] = [
  {
    name: 'CL.0: a body stays a body, whatever it looks like',
    source: browser,
    bytes: `${post}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    requests: [first(smuggled)],
  },
  {
    name: 'CL.0: GET with a body',
    source: 'RFC 9110 9.3.1',
    bytes: `${get}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    requests: [['GET /first HTTP/1.1', 'a', smuggled]],
  },
  ...(['HEAD', 'OPTIONS', 'DELETE'] as const).map((method) => ({
    name: `CL.0: ${method} with a body`,
    source: browser,
    bytes: `${method} /first HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    requests: [[`${method} /first HTTP/1.1`, 'a', smuggled]] as const,
  })),
  ...(['GET', 'OPTIONS'] as const).map((method) => ({
    name: `TE.0: ${method} with chunks`,
    source: 'TE.0 HTTP Request Smuggling (Bugcrowd, 2024)',
    bytes: `${method} /first HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    requests: [[`${method} /first HTTP/1.1`, 'a', smuggled]] as const,
  })),
  {
    name: 'a chunked body that looks like a request, then a request',
    source: 'RFC 9112 7.1',
    bytes: `${chunked}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${smuggled}`,
    requests: [first(smuggled), second],
  },
  {
    name: 'a chunk that looks like the last one',
    source: 'RFC 9112 7.1',
    bytes: `${chunked}5\r\n0\r\n\r\n\r\n0\r\n\r\n${smuggled}`,
    requests: [first('0\r\n\r\n'), second],
  },
  {
    name: 'extensions and a trailer',
    source: 'RFC 9112 7.1.1, 7.1.2',
    bytes: `${chunked}3;a;b=c;d="e f"\r\nabc\r\n0;z\r\nX-T: 1\r\n\r\n${smuggled}`,
    requests: [first('abc'), second],
  },
  {
    name: 'Content-Length: 0, then a request',
    source: framing,
    bytes: `${post}Content-Length: 0\r\n\r\n${smuggled}`,
    requests: [first(''), second],
  },
  {
    name: 'POST without framing, then a request',
    source: framing,
    bytes: `${post}\r\n${smuggled}`,
    requests: [first(''), second],
  },
  {
    name: 'one empty line between requests',
    source: 'RFC 9112 2.2',
    bytes: `${post}Content-Length: 3\r\n\r\nabc\r\n${smuggled}`,
    requests: [first('abc'), second],
  },
  {
    name: 'an absolute target beside another Host: the target wins',
    source: 'RFC 9112 3.2.2',
    bytes: 'GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n',
    requests: [['GET /x?y HTTP/1.1', 'b:81', '']],
  },
  {
    name: 'Expect: 100-continue with the body right behind',
    source: endgame,
    bytes: `${post}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc${smuggled}`,
    requests: [first('abc'), second],
  },
  {
    name: 'an upgrade to h2c is not passed on',
    source: 'h2c smuggling (Bishop Fox, 2020)',
    bytes: `${get}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n${smuggled}`,
    requests: [['GET /first HTTP/1.1', 'a', ''], second],
  },
]
