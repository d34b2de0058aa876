import { supported, type KeyTable } from './key-table.ts'

/** A public key whose private half was thrown away, every line behind `indent`. */
export function examplePem(indent: string): string {
  return [
    '-----BEGIN PUBLIC KEY-----',
    'MCowBQYDK2VwAyEAcH+SSDhyd1AaDnLuUni3EiQKE1mBPGBHuOHR1Hh74fU=',
    '-----END PUBLIC KEY-----',
  ]
    .map((line) => indent + line)
    .join('\n')
}

/** The keys of `service.load_balancer.access.tokens`. */
export const tokenKeys: KeyTable = {
  public_keys: supported({
    help: 'The keys of which one must have signed a token. They are public: no secret stands in this file.',
    says: 'a list of 1 to 20; see the table of `public_keys`',
    unlessSaid: null,
    example: `public_keys:\n  - pem: |\n${examplePem('      ')}`,
  }),
  issuer: supported({
    help: 'What the claim `iss` of a token must be.',
    says: 'text',
    unlessSaid: 'any issuer that has one of the keys',
    example: 'issuer: https://id.example.com',
  }),
  audience: supported({
    help: 'What the claim `aud` of a token must be, or hold: tokens for another service that the same key signed stay out.',
    says: 'text',
    unlessSaid: 'a token that names an audience is refused',
    example: 'audience: hello',
  }),
  leeway_seconds: supported({
    help: 'By how much the clocks of issuer and gateway may differ.',
    says: 'seconds: 0 to 300',
    unlessSaid: '30',
    example: 'leeway_seconds: 5',
  }),
  max_lifetime_seconds: supported({
    help: 'The longest life that a token may have, from its `iat` to its `exp`: every token needs both.',
    says: 'seconds: 60 to 31536000',
    unlessSaid: '86400',
    example: 'max_lifetime_seconds: 3600',
  }),
  required_claims: supported({
    help: 'Claims that a token must have with this text, or with a list that holds it; `scope` is read as words. Without: 403.',
    says: 'a map of text, at most 20',
    unlessSaid: 'none',
    example: 'required_claims: {scope: chat}',
  }),
  requests_per_second: supported({
    help: 'How many requests each subject (`sub`) may make in the long run; above it they get 429.',
    says: '0.01 to 1000000',
    unlessSaid: 'no limit',
    example: 'requests_per_second: 10',
  }),
  burst: supported({
    help: 'How many requests of one subject may come at once after a pause.',
    says: '1 to 1000000',
    unlessSaid: 'as many as `requests_per_second`, at least 1',
    example: 'burst: 20',
  }),
  subject_header: supported({
    help: 'The header in which a replica finds the subject; one that a client sends is removed.',
    says: 'letters, digits and hyphens; no header that HTTP or the gateway itself uses',
    unlessSaid: 'the replica is not told',
    example: 'subject_header: X-Subject',
  }),
}

/** The keys of one item of `service.load_balancer.access.tokens.public_keys`. */
export const publicKeyKeys: KeyTable = {
  kid: supported({
    help: 'The name by which tokens ask for this key.',
    says: 'text of at most 128 characters, each once',
    unlessSaid: 'that of the JWK; without any it serves tokens that name no other key',
    example: 'kid: main',
  }),
  pem: supported({
    help: 'The public key: Ed25519, P-256 or RSA from 2048 bits on, as `openssl pkey -pubout` writes it.',
    says: 'the text of the file, not its path',
    unlessSaid: null,
    example: `pem: |\n${examplePem('  ')}`,
  }),
  jwk: supported({
    help: 'The same as a JSON Web Key, instead of `pem`.',
    says: 'a map, or its JSON',
    unlessSaid: null,
    example: 'jwk: {kty: OKP, crv: Ed25519, x: cH-SSDhyd1AaDnLuUni3EiQKE1mBPGBHuOHR1Hh74fU}',
  }),
  alg: supported({
    help: 'The signature algorithm: the key alone decides it, so that this can only say the same.',
    says: '`EdDSA` for Ed25519, `ES256` for P-256, `RS256` for RSA; neither `none` nor `HS256`',
    unlessSaid: 'what the key is for',
    example: 'alg: EdDSA',
  }),
}
