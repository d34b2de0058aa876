import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { infraNames, loadBalancingPolicies, type ServiceSpec } from '@skykeep/core/service-spec'
import { formatProblems } from '../src/format-problem.ts'
import { parseServiceYaml, type ParsedService } from '../src/parse-service-yaml.ts'
import { mutate, pick, randomFrom } from './mutate.ts'
import { brokenPromises } from './parse.ts'

const seed = 20_261_122
const files = 10_000
const secret = 'hunter2Tr0ub4dor'

/** What is supported on every infra in one file, with a secret in it. */
const everything = `name: everything
workdir: apps/\${MODEL}
envs:
  MODEL: llama
  COUNT: 3
secrets:
  TOKEN: ${secret}
  OTHER: "${secret}"
  LONG: |
    ${secret}
    ${secret}
resources:
  infra: local
  cpus: 2+
  memory: 4GB
  ports: [8080, "9000-9003"]
setup: |
  npm ci
  echo done
run: node server.js
service:
  readiness_probe:
    path: /v1/$MODEL
    initial_delay_seconds: 30
    timeout_seconds: 2.5
    endpoint_probe_interval_seconds: 2
    consecutive_failure_threshold_timeout: 60
    post_data: {model: x, n: 1}
    headers:
      Authorization: Bearer abc
  replica_policy:
    min_replicas: 1
    max_replicas: 1
  load_balancing_policy: consistent_hash
  load_balancer:
    stream_timeout_seconds: 600
    hash:
      by: header
      name: X-Session-Id
      load_factor: 1.5
  ports: 9001
`

/** What only the simulated cloud has, and every setting of a service beside it. */
const everySetting = `name: settings
envs: {CERTS: certs}
secrets:
  TOKEN: ${secret}
resources:
  infra: sim
  accelerators: [L4:1, A100]
  use_spot: yes
run: node server.js
service:
  readiness_probe: /
  replica_policy:
    min_replicas: 1
    max_replicas: 4
    target_qps_per_replica: {L4: 0.5, "A100:1": 2}
    num_overprovision: 1
    dynamic_ondemand_fallback: true
    base_ondemand_fallback_replicas: 1
    spot_placer: dynamic_fallback
    upscale_delay_seconds: 60
    downscale_delay_seconds: 600
  load_balancing_policy: instance_aware_least_load
  load_balancer:
    max_concurrency_per_replica: 8
    max_parked_requests: 20
    parking_timeout_seconds: 30
    outlier_detection:
      consecutive_errors: 10
      max_error_ratio: 0.2
      max_ejected_percent: 50
    access_log: {sample: 0.5}
    hedge: {percentile: 95}
  tls:
    keyfile: $CERTS/key.pem
    certfile: $CERTS/cert.pem
  schedule:
    time_zone: Europe/Berlin
    off_hours:
      - {days: [mon, tue-fri], from: 20:00, to: "07:00"}
      - sat-sun 00:00-24:00
    replicas: 1
    warm_up_minutes: 15
  update:
    mode: canary
    max_surge: 2
    min_ready_seconds: 5
    progress_deadline_seconds: 300
    automatic_rollback: true
    canary:
      steps: [10, 50]
      bake_seconds: 30
      min_requests: 10
      max_error_ratio: 0.05
      max_latency_ratio: 3
      header: {name: X-Canary, value: "1"}
`

const examples = globSync(new URL('../../../examples/*/service.yaml', import.meta.url).pathname)
const corpus = [
  everything,
  everything,
  everySetting,
  everySetting,
  ...examples.map((file) => readFileSync(file, 'utf8')),
]

function brokenRanges({ spec, secrets }: ParsedService): string[] {
  const { readinessProbe: probe, replicas, replicaPort, streamTimeoutSeconds = 120 } = spec.service
  const { resources, envs, run } = spec.task
  const rules: Readonly<Record<string, boolean>> = {
    name: /^[a-z](?:[-a-z0-9]{0,40}[a-z0-9])?$/.test(spec.name),
    run: run.trim() !== '',
    infra: infraNames.includes(resources.infra),
    cpus: resources.cpus === undefined || (resources.cpus.value > 0 && resources.cpus.value <= 10_000),
    memory:
      resources.memoryGib === undefined ||
      (resources.memoryGib.value > 0 && resources.memoryGib.value <= 1e6),
    ports: resources.ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535),
    portCount: resources.ports.length <= 1000 && new Set(resources.ports).size === resources.ports.length,
    replicaPort:
      replicaPort === undefined || resources.ports.length === 0 || resources.ports.includes(replicaPort),
    onePort: resources.ports.length === 0 || replicaPort !== undefined,
    replicas: Number.isInteger(replicas) && replicas >= 0 && replicas <= 100,
    sharedPort: replicaPort === undefined || replicas <= 1 || resources.infra !== 'local',
    policy: loadBalancingPolicies.includes(spec.service.loadBalancingPolicy),
    stream: streamTimeoutSeconds >= 1 && streamTimeoutSeconds <= 86_400,
    path: /^\/(?!\/)[!-~]*$/.test(probe.path),
    delay: probe.initialDelaySeconds >= 0 && probe.initialDelaySeconds <= 86_400,
    timeout: probe.timeoutSeconds >= 0.1 && probe.timeoutSeconds <= 3600,
    interval: probe.intervalSeconds >= 0.1 && probe.intervalSeconds <= 3600,
    threshold: probe.failureThresholdSeconds >= 0 && probe.failureThresholdSeconds <= 86_400,
    body: probe.postBody === undefined || JSON.stringify(JSON.parse(probe.postBody)) !== undefined,
    envNames: Object.keys(envs).every((name) => /^[A-Za-z_]\w*$/.test(name)),
    envValues: Object.values(envs).every((value) => typeof value === 'string'),
    ...scalingRules(spec),
    ...settingRules(spec),
    secretNames: JSON.stringify(Object.keys(secrets)) === JSON.stringify(spec.task.secretNames),
  }
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

type Rules = Readonly<Record<string, boolean>>

function scalingRules({ task: { resources }, service }: ServiceSpec): Rules {
  const { scaling } = service
  const { accelerators = [] } = resources
  const isSim = resources.infra === 'sim'
  const isByAccelerator = scaling?.metric.kind === 'instance_aware'
  const common = {
    accelerators: resources.accelerators === undefined || (isSim && accelerators.length > 0),
    counts: accelerators.every(({ count }) => Number.isInteger(count) && count >= 1),
    spot: resources.useSpot === undefined || isSim,
    byAccelerator: isByAccelerator === (service.loadBalancingPolicy === 'instance_aware_least_load'),
    targets: !isByAccelerator || accelerators.length > 0,
  }
  if (scaling === undefined) return common
  const { minReplicas, maxReplicas, metric } = scaling
  return {
    ...common,
    bounds: minReplicas <= maxReplicas && minReplicas === service.replicas,
    metric: metric.kind !== 'fixed' || minReplicas === maxReplicas,
    fallback: !scaling.isDynamicOndemandFallback || resources.useSpot === true,
  }
}

function hashRules({ hash, loadBalancingPolicy, update }: ServiceSpec['service']): Rules {
  const header = update?.canary.header
  return {
    hash: (hash !== undefined) === (loadBalancingPolicy === 'consistent_hash'),
    hashName: (hash?.by === 'header' || hash?.by === 'cookie') === (hash?.name !== undefined),
    hashPrefix: (hash?.by === 'prompt') === (hash?.prefixBytes !== undefined),
    factor: hash === undefined || (hash.loadFactor >= 1 && hash.loadFactor <= 100),
    header: header === undefined || (header.name !== '' && header.value !== ''),
  }
}

function outlierRules({ outlierDetection, accessLog, hedge }: ServiceSpec['service']): Rules {
  const sample = accessLog?.sample ?? 0
  if (hedge !== undefined && Object.keys(hedge).length !== 1) return { hedge: false }
  if (outlierDetection === undefined) return { sample: sample >= 0 && sample <= 1 }
  const { consecutiveErrors, maxErrorRatio, maxEjectedPercent } = outlierDetection
  return {
    errorsInARow: consecutiveErrors >= 1,
    errorRatio: maxErrorRatio >= 0 && maxErrorRatio <= 1,
    ejected: maxEjectedPercent >= 1 && maxEjectedPercent <= 50,
  }
}

function settingRules({ service }: ServiceSpec): Rules {
  const { scaling, schedule, update, tls } = service
  const most = scaling === undefined ? service.replicas : scaling.maxReplicas + scaling.numOverprovision
  const windows = schedule?.offHours ?? []
  const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/
  return {
    offHours: schedule === undefined || (schedule.replicas <= most && windows.length > 0),
    days: windows.every(({ days }) => days.length > 0 && new Set(days).size === days.length),
    times: windows.every(({ from, to }) => time.test(from) && time.test(to)),
    steps: update === undefined || update.canary.stepPercents.length > 0,
    deadline: update === undefined || update.progressDeadlineSeconds > update.minReadySeconds,
    ...hashRules(service),
    ...outlierRules(service),
    tls: tls === undefined || (tls.certFile !== '' && tls.keyFile !== ''),
  }
}

it(`10,000 mutated YAML files (seed ${seed}): never a throw, never a problem without key, place and a way out, never a secret`, () => {
  expect(examples.length).toBeGreaterThanOrEqual(4)
  const random = randomFrom(seed)
  const outcomes = { read: 0, refused: 0 }
  for (let index = 0; index < files; index += 1) {
    const text = mutate(pick(random, corpus), random)
    const broken = check(text)
    if (broken.length > 0)
      throw new Error(`file ${index} of seed ${seed}: ${broken.join('; ')}\n${JSON.stringify(text)}`)
    outcomes[parseServiceYaml(text).ok ? 'read' : 'refused'] += 1
  }
  process.stdout.write(
    `mutated YAML files, seed ${seed}: ${outcomes.read} read, ${outcomes.refused} refused\n`,
  )
  expect(outcomes.read).toBeGreaterThan(500)
  expect(outcomes.refused).toBeGreaterThan(5000)
}, 300_000)

function check(text: string): string[] {
  const result = parseServiceYaml(text)
  const problems = result.ok ? result.warnings : result.problems
  const broken = problems.flatMap((problem) =>
    brokenPromises(problem).map((lack) => `${lack}: ${JSON.stringify(problem)}`),
  )
  const lines = text.split('\n').length
  if (problems.some(({ endLine }) => endLine > lines)) broken.push('a problem past the end of the file')
  const isRight = result.ok === problems.every(({ severity }) => severity === 'warning')
  if (!isRight) broken.push('errors and outcome disagree')
  // Where nothing of the key `secrets` is left, the value is no secret any more.
  const isSecret = /secr|ecre|cret|rets/.test(text)
  if (isSecret && (formatProblems(problems) + JSON.stringify(problems)).includes(secret)) {
    broken.push(
      `a secret in a problem: ${JSON.stringify(problems.filter((p) => JSON.stringify(p).includes(secret)))}`,
    )
  }
  if (!result.ok) return broken
  broken.push(...brokenRanges(result))
  const isKnownSecret = Object.values(result.secrets).some((value) => value.includes(secret))
  if (isKnownSecret && result.redactedYaml.includes(secret)) broken.push('a secret in the redacted text')
  return broken
}
