import { cliVariables } from '../../apps/cli/src/env.ts'
import { passedOn } from '../../apps/cli/src/supervisor/process-spec.ts'
import { gatewayVariables } from '../../apps/gateway/src/env.ts'
import { webVariables } from '../../apps/web/src/server/env.ts'
import { workerVariables } from '../../apps/worker/src/env.ts'
import type { EnvironmentVariables } from '../../packages/core/src/environment.ts'
import { workloadVariables } from '../../packages/node-runtime/src/contract-env.ts'
import { madeFrom, markdownTable } from './markdown.ts'

/** `docs/reference/environment.md`: every variable that our programs read, and those that workloads get. */
export function environmentPage(): string {
  return [
    '# Environment variables',
    madeFrom('the declarations that the programs read their environment by'),
    '## Of the command line',
    'What you may set. An empty variable counts as absent.',
    tableOf(cliVariables),
    `Of your environment \`skykeep up\` passes on to what it starts, beside what stands below: ${passedOn.map((name) => `\`${name}\``).join(', ')}. Nothing else goes along, credentials and NODE_OPTIONS least of all. Caches and temporary files of every process lie in the persistent path.`,
    '## Of the processes that `skykeep up` starts',
    'It sets them; you need them only to start a process by hand.',
    '### Worker',
    tableOf(workerVariables),
    '### Web',
    tableOf(webVariables),
    '### Gateway',
    tableOf(gatewayVariables),
    '## Of a workload',
    "What setup and run of a task get, by SkyPilot's names, beside `envs` and `secrets` of its YAML. HOME is the node's folder; nothing of Skykeep's own environment is there.",
    tableOf(workloadVariables),
    '',
  ].join('\n\n')
}

function tableOf(variables: EnvironmentVariables): string {
  return markdownTable(
    ['variable', 'meaning', 'where it is not set'],
    Object.entries(variables).map(([name, { meaning, usual }]) => [`\`${name}\``, meaning, usual ?? '']),
  )
}
