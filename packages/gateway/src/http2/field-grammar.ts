/** A field name of HTTP/2: a token without capitals (RFC 9113 §8.2.1); no pseudo-header is one. */
export const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
/** In a value these would begin another field or another request (RFC 9113 §8.2.1). */
export const breaksLines = /[\r\n\0]/
