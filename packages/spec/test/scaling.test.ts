import { describe, expect, it } from 'vitest'
import { parsed, serviceYaml } from './parse.ts'
import { itReads, itRefuses, resources, service, type Accepted, type Refused } from './tables.ts'

const policy = (text: string): string => service(`replica_policy: {${text}}`)
const onSim = (wish: string, text: string): string =>
  serviceYaml({ top: `resources: {infra: sim, ${wish}}`, service: `readiness_probe: /\n${text}` })
const spot = (text: string): string => onSim('use_spot: true', `replica_policy: {${text}}`)
const queue = 'replica_policy: {min_replicas: 1, max_replicas: 4, queue_length_threshold: 2}'

const plain = {
  numOverprovision: 0,
  upscaleDelaySeconds: 300,
  downscaleDelaySeconds: 1200,
  isDynamicOndemandFallback: false,
  baseOndemandFallbackReplicas: 0,
}

const accepted: readonly Accepted[] = [
  ['no scaling for a fixed number', service('replicas: 3'), (s) => s.service.scaling, undefined],
  [
    'nor for bounds that are the same',
    policy('min_replicas: 2, max_replicas: 2'),
    (s) => s.service.scaling,
    undefined,
  ],
  [
    'target_qps_per_replica',
    policy('min_replicas: 0, max_replicas: 4, target_qps_per_replica: 2.5'),
    (s) => [s.service.replicas, s.service.scaling],
    [
      0,
      {
        ...plain,
        minReplicas: 0,
        maxReplicas: 4,
        metric: { kind: 'request_rate', targetQpsPerReplica: 2.5 },
      },
    ],
  ],
  [
    'a metric between bounds that are the same',
    policy('min_replicas: 2, max_replicas: 2, target_qps_per_replica: 1'),
    (s) => [s.service.replicas, s.service.scaling?.metric.kind],
    [2, 'request_rate'],
  ],
  [
    'every key of it',
    policy(
      'min_replicas: 1, max_replicas: 4, target_qps_per_replica: 1, num_overprovision: 2, upscale_delay_seconds: 0, downscale_delay_seconds: 59.5',
    ),
    (s) => s.service.scaling,
    {
      ...plain,
      minReplicas: 1,
      maxReplicas: 4,
      metric: { kind: 'request_rate', targetQpsPerReplica: 1 },
      numOverprovision: 2,
      upscaleDelaySeconds: 0,
      downscaleDelaySeconds: 59.5,
    },
  ],
  [
    'target_in_flight_per_replica, without a delay up',
    policy('min_replicas: 1, max_replicas: 4, target_in_flight_per_replica: 8'),
    (s) => s.service.scaling,
    {
      ...plain,
      minReplicas: 1,
      maxReplicas: 4,
      metric: { kind: 'in_flight', targetInFlightPerReplica: 8 },
      upscaleDelaySeconds: 0,
    },
  ],
  [
    'a delay up for it',
    policy('min_replicas: 1, max_replicas: 4, target_in_flight_per_replica: 8, upscale_delay_seconds: 4'),
    (s) => s.service.scaling?.upscaleDelaySeconds,
    4,
  ],
  [
    'queue_length_threshold with a limit, so that there is a queue',
    service(`${queue}\nload_balancer: {max_concurrency_per_replica: 4}`),
    (s) => [s.service.scaling?.metric, s.service.maxConcurrencyPerReplica],
    [{ kind: 'queue_length', queueLengthThreshold: 2 }, 4],
  ],
  [
    'replicas in the same zone first',
    service(`${queue}\nload_balancer: {max_concurrency_per_replica: 4, prefer_same_zone: true}`),
    (s) => s.service.prefersSameZone,
    true,
  ],
  [
    'over-provisioning of a fixed number',
    policy('min_replicas: 2, num_overprovision: 1'),
    (s) => s.service.scaling,
    { ...plain, minReplicas: 2, maxReplicas: 2, metric: { kind: 'fixed' }, numOverprovision: 1 },
  ],
  [
    'spot with its fallback and its placer',
    spot(
      'min_replicas: 2, dynamic_ondemand_fallback: yes, base_ondemand_fallback_replicas: 1, spot_placer: Dynamic_Fallback',
    ),
    (s) => [s.task.resources.useSpot, s.service.scaling],
    [
      true,
      {
        ...plain,
        minReplicas: 2,
        maxReplicas: 2,
        metric: { kind: 'fixed' },
        isDynamicOndemandFallback: true,
        baseOndemandFallbackReplicas: 1,
        spotPlacer: 'dynamic_fallback',
      },
    ],
  ],
  [
    'a fallback that is off, without spot',
    policy('min_replicas: 2, dynamic_ondemand_fallback: false, base_ondemand_fallback_replicas: 0'),
    (s) => s.service.scaling,
    undefined,
  ],
  [
    'targets by accelerator with their policy',
    onSim(
      'accelerators: {L4: 1, "H100": 1}',
      'load_balancing_policy: instance_aware_least_load\nreplica_policy: {min_replicas: 1, max_replicas: 4, target_qps_per_replica: {L4: 0.5, "H100:1": 2.5}}',
    ),
    (s) => [s.service.scaling?.metric, s.service.loadBalancingPolicy],
    [
      { kind: 'instance_aware', targetQpsByAccelerator: { L4: 0.5, 'H100:1': 2.5 } },
      'instance_aware_least_load',
    ],
  ],
  ['no spot', resources('use_spot: false'), (s) => s.task.resources, { infra: 'local', ports: [] }],
  ['no accelerators', resources('accelerators:'), (s) => s.task.resources, { infra: 'local', ports: [] }],
  ...(
    [
      ['L4', [['L4', 1]], undefined],
      ['L4:2', [['L4', 2]], undefined],
      [
        '[L4:2, A100]',
        [
          ['L4', 2],
          ['A100', 1],
        ],
        true,
      ],
      ['["L4:2"]', [['L4', 2]], undefined],
      ['[L4, L4:1]', [['L4', 1]], undefined],
      [
        '{L4: 2, A100: 1}',
        [
          ['L4', 2],
          ['A100', 1],
        ],
        undefined,
      ],
      [
        '{L4:2, A100}',
        [
          ['L4', 2],
          ['A100', 1],
        ],
        undefined,
      ],
      ['A100-80GB:8', [['A100-80GB', 8]], undefined],
    ] as const
  ).map(([text, wanted, isOrdered]): Accepted => [
    `accelerators: ${text}`,
    onSim(`accelerators: ${text}`, ''),
    (s) => [s.task.resources.accelerators, s.task.resources.isAcceleratorOrdered],
    [wanted.map(([name, count]) => ({ name, count })), isOrdered],
  ]),
]

describe('what a service scales by is read', () => {
  itReads(accepted)
})

const refused: readonly Refused[] = [
  [
    policy('min_replicas: 1, max_replicas: 3'),
    'service.replica_policy.max_replicas',
    /needs a metric/,
    /target_qps_per_replica/,
  ],
  [policy('min_replicas: 3, max_replicas: 1'), 'service.replica_policy.max_replicas', /below/, /same number/],
  [
    policy('min_replicas: 1, max_replicas: 101, target_qps_per_replica: 1'),
    'service.replica_policy.max_replicas',
    /0 to 100/,
    /100/,
  ],
  [
    policy('min_replicas: 1, target_qps_per_replica: 1'),
    'service.replica_policy',
    /needs `max_replicas`/,
    /max_replicas: 4/,
  ],
  [
    policy('min_replicas: 1, max_replicas: 2, target_qps_per_replica: 0'),
    'service.replica_policy.target_qps_per_replica',
    /0.001 to/,
    /number/,
  ],
  [
    policy('min_replicas: 1, max_replicas: 2, target_qps_per_replica: "2"'),
    'service.replica_policy.target_qps_per_replica',
    /number/,
    /Remove the quotes/,
  ],
  [
    policy('min_replicas: 1, max_replicas: 2, target_qps_per_replica: [2]'),
    'service.replica_policy.target_qps_per_replica',
    /number/,
    /number/,
  ],
  [
    policy('min_replicas: 1, max_replicas: 2, target_qps_per_replica: 2, target_in_flight_per_replica: 2'),
    'service.replica_policy.target_in_flight_per_replica',
    /exclude each other/,
    /Keep one/,
  ],
  [
    service(queue),
    'service.replica_policy.queue_length_threshold',
    /max_concurrency_per_replica/,
    /load_balancer/,
  ],
  [
    service(`${queue}\nload_balancer: {max_concurrency_per_replica: 1, max_parked_requests: 0}`),
    'service.load_balancer.max_parked_requests',
    /none may wait/,
    /higher/,
  ],
  [
    service(
      'replica_policy: {min_replicas: 0, max_replicas: 2, target_in_flight_per_replica: 2}\nload_balancer: {max_parked_requests: 0}',
    ),
    'service.load_balancer.max_parked_requests',
    /wake/,
    /higher/,
  ],
  [
    policy('min_replicas: 1, dynamic_ondemand_fallback: true'),
    'service.replica_policy.dynamic_ondemand_fallback',
    /spot/,
    /use_spot: true/,
  ],
  [
    policy('min_replicas: 1, base_ondemand_fallback_replicas: 1'),
    'service.replica_policy.base_ondemand_fallback_replicas',
    /spot/,
    /use_spot: true/,
  ],
  [
    policy('min_replicas: 1, spot_placer: dynamic_fallback'),
    'service.replica_policy.spot_placer',
    /spot/,
    /use_spot: true/,
  ],
  [
    spot('min_replicas: 1, spot_placer: dynamic'),
    'service.replica_policy.spot_placer',
    /does not know/,
    /dynamic_fallback/,
  ],
  [
    spot('min_replicas: 1, dynamic_ondemand_fallback: 1'),
    'service.replica_policy.dynamic_ondemand_fallback',
    /true or false/,
    /true or false/,
  ],
  [
    spot('min_replicas: 1, dynamic_ondemand_fallback: "true"'),
    'service.replica_policy.dynamic_ondemand_fallback',
    /true or false/,
    /Remove the quotes/,
  ],
  [resources('use_spot: true'), 'resources.use_spot', /nobody takes this machine back/, /infra: sim/],
  [resources('use_spot: perhaps'), 'resources.use_spot', /true or false/, /true or false/],
  [resources('accelerators: L4'), 'resources.accelerators', /GPUs are not managed yet/, /infra: sim/],
  [
    onSim('accelerators: "V100:0.5"', ''),
    'resources.accelerators',
    /part of an accelerator.*Kubernetes/,
    /V100:1/,
  ],
  [onSim('accelerators: {V100: 0.5}', ''), 'resources.accelerators.V100', /part of an accelerator/, /V100:1/],
  [
    onSim('accelerators: [L4, "V100:0.5"]', ''),
    'resources.accelerators[1]',
    /part of an accelerator/,
    /V100:1/,
  ],
  [onSim('accelerators: [L4: 1]', ''), 'resources.accelerators[0]', /not a map/, /without a space/],
  [onSim('accelerators: []', ''), 'resources.accelerators', /1 to 50/, /L4:2/],
  [onSim('accelerators: 4', ''), 'resources.accelerators', /not a number/, /L4:2/],
  [onSim('accelerators: "L4:0"', ''), 'resources.accelerators', /whole number from 1/, /L4:2/],
  [onSim('accelerators: "L4:1:2"', ''), 'resources.accelerators', /whole number from 1/, /L4:2/],
  [onSim('accelerators: {L4: many}', ''), 'resources.accelerators.L4', /whole number from 1/, /L4:2/],
  [
    onSim(
      'accelerators: L4',
      'replica_policy: {min_replicas: 1, max_replicas: 4, target_qps_per_replica: {L4: 1}}',
    ),
    'service.replica_policy.target_qps_per_replica',
    /instance_aware_least_load/,
    /Write that policy/,
  ],
  [
    onSim(
      'accelerators: L4',
      'load_balancing_policy: instance_aware_least_load\nreplica_policy: {min_replicas: 1, max_replicas: 4, target_qps_per_replica: 1}',
    ),
    'service.load_balancing_policy',
    /by accelerator/,
    /least_load/,
  ],
  [
    service('load_balancing_policy: instance_aware_least_load'),
    'service.load_balancing_policy',
    /by accelerator/,
    /least_load/,
  ],
  ...(
    [
      ['{L4: 1}', 'target_qps_per_replica', /names none/],
      ['{}', 'target_qps_per_replica', /names no accelerator/],
      ['{"L4:0.5": 1}', 'target_qps_per_replica.L4:0.5', /not an accelerator/],
    ] as const
  ).map(([targets, key, says]): Refused => [
    onSim(
      key === 'target_qps_per_replica' ? 'cpus: 1' : 'accelerators: L4',
      `load_balancing_policy: instance_aware_least_load\nreplica_policy: {min_replicas: 1, max_replicas: 4, target_qps_per_replica: ${targets}}`,
    ),
    `service.replica_policy.${key}`,
    says,
    /./,
  ]),
  [
    serviceYaml({
      top: 'resources: {ports: 8080}',
      service:
        'readiness_probe: /\nreplica_policy: {min_replicas: 1, max_replicas: 3, target_qps_per_replica: 1}',
    }),
    'resources.ports',
    /^3 replicas .*local.isolation: netns/,
    /\$PORT/,
  ],
]

describe('what contradicts itself about scaling is refused', () => {
  itRefuses(refused)
})

it('delays of a fixed number are named as without effect', () => {
  const { spec, warnings } = parsed(
    policy('min_replicas: 2, upscale_delay_seconds: 10, downscale_delay_seconds: 20'),
  )
  expect(spec.service.scaling).toBeUndefined()
  expect(warnings.map(({ path }) => path)).toEqual([
    'service.replica_policy.upscale_delay_seconds',
    'service.replica_policy.downscale_delay_seconds',
  ])
})

it('an accelerator without a target is named', () => {
  const { warnings } = parsed(
    onSim(
      'accelerators: [L4:1, T4:1]',
      'load_balancing_policy: instance_aware_least_load\nreplica_policy: {min_replicas: 1, max_replicas: 4, target_qps_per_replica: {L4: 1}}',
    ),
  )
  expect(warnings.map(({ message }) => message)).toEqual([
    '`service.replica_policy.target_qps_per_replica` has no target for T4:1: such a replica counts as the least of the others',
  ])
})
