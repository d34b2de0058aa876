import { arrivals, later, supported, type KeyTable } from './key-table.ts'

const { internal, managedJobs, placement, pools, storage } = arrivals

/** The keys of SkyPilot's task YAML (`get_task_schema` of sky/utils/schemas.py, 2026). */
export const taskKeys: KeyTable = {
  name: supported({
    help: 'The service’s name: its address, its replicas and every command carry it.',
    says: 'a-z, 0-9 and -, starting with a letter, at most 42 characters',
    unlessSaid: null,
    example: 'name: hello',
  }),
  workdir: supported({
    help: 'The folder with your files: each version keeps its own copy, in which `setup` and `run` start.',
    says: 'a local folder',
    unlessSaid: 'an empty folder',
    example: 'workdir: examples/hello',
  }),
  envs: supported({
    help: 'Environment variables of `setup` and `run`, which other values of this file may use as `${NAME}`.',
    says: 'a map; no value (null) means that `--env` must give it',
    unlessSaid: 'none',
    example: 'envs:\n  GREETING: Hello',
  }),
  secrets: supported({
    help: 'Environment variables that are stored encrypted and shown to nobody.',
    says: 'a map as `envs`, or a list of names whose values `--secret` gives',
    unlessSaid: 'none',
    example: 'secrets:\n  API_KEY: replace-me',
  }),
  resources: supported({
    help: 'What one replica needs: where it runs, how large it is, which ports it opens.',
    says: 'see the table of `resources`',
    unlessSaid: 'this machine, no wish for size',
    example: 'resources:\n  cpus: 2+',
  }),
  setup: supported({
    help: 'Installs what the server needs: runs once on each node before `run`.',
    says: 'shell text',
    unlessSaid: 'nothing is run',
    example: 'setup: |\n  npm ci',
  }),
  run: supported({
    help: 'Starts the server, which listens on `$PORT` unless `resources.ports` says otherwise.',
    says: 'shell text',
    unlessSaid: null,
    example: 'run: node server.js',
  }),
  service: supported({
    help: 'How the task is served: when a replica is ready, how many there are, how versions change.',
    says: 'see the table of `service`',
    unlessSaid: null,
    example: 'service:\n  readiness_probe: /health\n  replicas: 2',
  }),
  num_nodes: later('clusters of several nodes'),
  managed_secrets: later('secrets kept by the control plane', 'Use `secrets` with `--secret NAME=VALUE`.'),
  file_mounts: later(storage, 'Put the files into the workdir.'),
  file_mounts_mapping: later(internal),
  volumes: later(storage),
  volume_mounts: later(storage),
  config: later('settings by task'),
  pool: later(pools),
  inputs: later(placement),
  outputs: later(placement),
  event_callback: later(managedJobs),
  api_server_access: later('service account tokens for tasks'),
  execution: later(`${managedJobs} (job groups)`),
  primary_tasks: later(`${managedJobs} (job groups)`),
  termination_delay: later(`${managedJobs} (job groups)`),
  _metadata: later(internal),
}
