import { nextFolderId, type ChosenFolder } from '../folder/chosen-folder.ts'
import exampleFiles from './example-files.json' with { type: 'json' }

/** A service to begin with. */
export interface Template {
  readonly id: string
  readonly label: string
  /** What it shows, as one sentence. */
  readonly says: string
  readonly yaml: string
  /** The example whose files are its working folder. */
  readonly example: keyof typeof exampleFiles
}

const spot = `# Spot capacity of the simulated cloud: cheap, and taken back at any time. On-demand replicas stand in meanwhile.
name: hello-spot

workdir: examples/hello

resources:
  infra: sim
  use_spot: true

run: node server.js

service:
  readiness_probe:
    path: /healthz
    initial_delay_seconds: 60
    endpoint_probe_interval_seconds: 2
  replica_policy:
    min_replicas: 2
    spot_placer: dynamic_fallback
    dynamic_ondemand_fallback: true
`

const canary = `# A later version takes over in steps, and only while it does as well as the old one. Change GREETING and update to see it.
name: hello-canary

workdir: examples/hello

envs:
  GREETING: Hello

run: node server.js

service:
  readiness_probe:
    path: /healthz
    initial_delay_seconds: 60
    endpoint_probe_interval_seconds: 2
  replicas: 2
  update:
    mode: canary
    canary:
      steps: [10, 50]
      bake_seconds: 30
      min_requests: 10
`

/** The templates in the order in which they are offered. */
export const templates: readonly Template[] = [
  {
    id: 'hello',
    label: 'Hello',
    says: 'Two replicas of a small Node server behind one endpoint.',
    yaml: exampleFiles.hello['service.yaml'],
    example: 'hello',
  },
  {
    id: 'token-streamer',
    label: 'Token streamer',
    says: 'Streams tokens as a model server does, with server-sent events.',
    yaml: exampleFiles['token-streamer']['service.yaml'],
    example: 'token-streamer',
  },
  {
    id: 'websocket-echo',
    label: 'WebSocket echo',
    says: 'Echoes WebSocket messages.',
    yaml: exampleFiles['websocket-echo']['service.yaml'],
    example: 'websocket-echo',
  },
  {
    id: 'http-server',
    label: 'HTTP server',
    says: 'A Python server on a fixed port, as in SkyPilot’s example.',
    yaml: exampleFiles['http-server']['service.yaml'],
    example: 'http-server',
  },
  {
    id: 'autoscaled',
    label: 'Autoscaled',
    says: 'Follows its load from 1 to 5 replicas and rests at night.',
    yaml: exampleFiles['token-streamer']['scaled.yaml'],
    example: 'token-streamer',
  },
  {
    id: 'spot',
    label: 'Spot on sim',
    says: 'Spot replicas in the simulated cloud, with on-demand ones as a fallback.',
    yaml: spot,
    example: 'hello',
  },
  {
    id: 'canary',
    label: 'Canary',
    says: 'A new version takes over in steps that it must pass.',
    yaml: canary,
    example: 'hello',
  },
]

/** The files that a template's working folder holds. */
export function folderOfTemplate({ example, label }: Template): ChosenFolder {
  const files = Object.entries(exampleFiles[example]).map(([path, text]) => ({
    path,
    content: new Blob([text]),
    isProgram: text.startsWith('#!'),
  }))
  return { id: nextFolderId(), label: `${label} (template)`, files, leftOut: 0 }
}
