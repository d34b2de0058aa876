import { openReadSession } from '../client/session.ts'
import {
  keyCreate,
  keyList,
  keyRevoke,
  keyRevokedTokens,
  keyRevokeTokens,
  type KeyCreateOptions,
  type RevokeTokensOptions,
} from '../commands/key.ts'
import { verbGroups, type AddVerbs, type Json, type Watch } from './group.ts'
import { duration } from './parse.ts'

/** What clients show to a service: key create, list, revoke, revoke-tokens, revoked-tokens. */
export const addKey: AddVerbs = (program, env, report) => {
  const key = program
    .command('key')
    .helpGroup(verbGroups.services)
    .description('keys, with which clients may ask a service')
  key
    .command('create')
    .description('make a key of a service; it is shown once')
    .argument('<service>', 'its name')
    .argument('<name>', 'who uses it: small letters, digits, dots, lines and dashes')
    .option(
      '--expires <duration>',
      'refuse it after that time, at most ten years: 12h, 30d (default: it holds until it is revoked)',
      duration,
    )
    .answersJson('object', ['uid', 'service', 'name', 'key', 'createdAtMs', 'expiresAtMs', 'isKeyRequired'])
    .detail(
      'The key is the only thing on standard output. Only its hash is kept. It is asked for where the YAML says `require_key: true`.',
    )
    .example('skykeep key create hello mobile-app', 'prints the key')
    .example('skykeep key create hello partner --expires 30d', 'refused after thirty days')
    .action(async (service: string, name: string, options: KeyCreateOptions) =>
      report(await keyCreate(await openReadSession(env), { service, name }, options)),
    )
  key
    .command('list')
    .description('the keys of a service, and which of them hold')
    .argument('<service>', 'its name')
    .watches()
    .answersJson('list', ['uid', 'name', 'ending', 'createdAtMs', 'createdBy', 'expiresAtMs', 'revokedAtMs'])
    .example('skykeep key list hello', 'those that were revoked too')
    .action(async (service: string, options: Watch) =>
      report(await keyList(await openReadSession(env), service, options)),
    )
  key
    .command('revoke')
    .description('end a key, and wait until every gateway refuses it')
    .argument('<service>', 'its name')
    .argument('<name>', 'the one that it was made with; see `skykeep key list`')
    .answersJson('object', ['service', 'name'])
    .detail('Requests that got in before go on to their end.')
    .example('skykeep key revoke hello mobile-app', 'what shows it is refused from now on')
    .action(async (service: string, name: string, options: Json) =>
      report(await keyRevoke(await openReadSession(env), { service, name }, options)),
    )
  key
    .command('revoke-tokens')
    .description('end signed tokens before they expire, and wait until every gateway refuses them')
    .argument('<service>', 'its name')
    .option('--id <jti>', 'the token with this claim `jti`')
    .option('--subject <sub>', 'all tokens with this claim `sub` that were issued until now')
    .answersJson('object', ['uid', 'service', 'kind', 'value', 'revokedAtMs', 'revokedBy', 'areTokensTaken'])
    .detail('Requests that got in before go on to their end. Of a subject, what is issued from now on holds.')
    .example('skykeep key revoke-tokens hello --id 7f3c', 'one token')
    .example('skykeep key revoke-tokens hello --subject ann@example.com', 'everything that she has')
    .action(async (service: string, options: RevokeTokensOptions) =>
      report(await keyRevokeTokens(await openReadSession(env), service, options)),
    )
  key
    .command('revoked-tokens')
    .description('what was revoked of the signed tokens of a service')
    .argument('<service>', 'its name')
    .watches()
    .answersJson('list', ['uid', 'kind', 'value', 'revokedAtMs', 'revokedBy'])
    .example('skykeep key revoked-tokens hello', 'newest first')
    .action(async (service: string, options: Watch) =>
      report(await keyRevokedTokens(await openReadSession(env), service, options)),
    )
}
