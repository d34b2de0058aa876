import { openReadSession } from '../client/session.ts'
import { tokenCreate, tokenList, tokenRevoke, type TokenCreateOptions } from '../commands/token.ts'
import { duration } from './parse.ts'
import { verbGroups, type AddVerbs, type Json, type Watch } from './group.ts'

/** What programs show to the API: token create, list, revoke. */
export const addToken: AddVerbs = (program, env, report) => {
  const token = program
    .command('token')
    .helpGroup(verbGroups.plane)
    .description('tokens, with which programs use the API as you')
  token
    .command('create')
    .description('make a token for a program; it is shown once')
    .argument('<name>', 'what it is for: small letters, digits, dots, lines and dashes')
    .option(
      '--expires <duration>',
      'refuse it after that time, at most ten years: 12h, 30d (default: it holds until it is revoked)',
      duration,
    )
    .answersJson('object', ['uid', 'name', 'token', 'createdAtMs', 'expiresAtMs'])
    .detail('The token is the only thing on standard output. Only its hash is kept.')
    .example('skykeep token create ci-deploy', 'prints the token')
    .example('skykeep token create nightly --expires 30d', 'refused after thirty days')
    .example('export TOKEN=$(skykeep token create laptop)', 'for the examples of docs/api.md')
    .action(async (name: string, options: TokenCreateOptions) =>
      report(await tokenCreate(await openReadSession(env), name, options)),
    )
  token
    .command('list')
    .description('your tokens, and when each was last used')
    .watches()
    .answersJson('list', ['uid', 'name', 'createdAtMs', 'lastUsedAtMs', 'revokedAtMs', 'expiresAtMs'])
    .example('skykeep token list', 'those that were revoked too')
    .action(async (options: Watch) => report(await tokenList(await openReadSession(env), options)))
  token
    .command('revoke')
    .description('end a token at once, everywhere')
    .argument('<name>', 'the one that it was made with; see `skykeep token list`')
    .answersJson('object', ['name'])
    .example('skykeep token revoke ci-deploy', 'what shows it is refused from now on')
    .action(async (name: string, options: Json) =>
      report(await tokenRevoke(await openReadSession(env), name, options)),
    )
}
