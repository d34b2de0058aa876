import { booleans, supported, type KeyTable } from './key-table.ts'

/** The keys of `service.replica_policy`: SkyPilot's, and two metrics more. */
export const replicaPolicyKeys: KeyTable = {
  min_replicas: supported({
    help: 'How many replicas run at least; with 0 the service sleeps until a request comes.',
    says: '0 to 100',
    unlessSaid: null,
    example: 'min_replicas: 1',
  }),
  max_replicas: supported({
    help: 'How many replicas run at most; needed with a metric.',
    says: '`min_replicas` to 100',
    unlessSaid: 'as `min_replicas`',
    example: 'max_replicas: 5',
  }),
  target_qps_per_replica: supported({
    help: 'Metric: how many requests a second one replica takes.',
    says: 'a number, or a map by accelerator such as `{L4: 0.5, "H100:1": 2.5}`',
    unlessSaid: 'this metric is not used',
    example: 'target_qps_per_replica: 2.5',
  }),
  target_in_flight_per_replica: supported({
    help: 'Metric: how many requests one replica answers at a time; followed in seconds.',
    says: 'a number above 0',
    unlessSaid: 'this metric is not used',
    example: 'target_in_flight_per_replica: 3',
  }),
  queue_length_threshold: supported({
    help: 'Metric: how many requests may wait before there is one replica more.',
    says: '1 to 10000; needs `load_balancer.max_concurrency_per_replica`',
    unlessSaid: 'this metric is not used',
    example: 'queue_length_threshold: 10',
  }),
  num_overprovision: supported({
    help: 'Replicas above what the metric asks for, so that a loss is not felt.',
    says: '0 to 100',
    unlessSaid: '0',
    example: 'num_overprovision: 1',
  }),
  dynamic_ondemand_fallback: supported({
    help: 'Lets on-demand replicas stand in for spot ones that are not ready.',
    says: 'true or false',
    unlessSaid: 'false',
    example: 'dynamic_ondemand_fallback: true',
    values: booleans,
  }),
  base_ondemand_fallback_replicas: supported({
    help: 'How many replicas always run on demand, beside the spot ones.',
    says: '0 to 100',
    unlessSaid: '0',
    example: 'base_ondemand_fallback_replicas: 1',
  }),
  spot_placer: supported({
    help: 'Spreads spot replicas over places, away from those that took one back.',
    says: '`dynamic_fallback`',
    unlessSaid: 'the cheapest place',
    example: 'spot_placer: dynamic_fallback',
    values: ['dynamic_fallback'],
  }),
  upscale_delay_seconds: supported({
    help: 'How long more is asked for before there are more replicas.',
    says: 'seconds: 0 to 86400',
    unlessSaid: '300, and 0 for requests in flight',
    example: 'upscale_delay_seconds: 30',
  }),
  downscale_delay_seconds: supported({
    help: 'How long less is asked for before there are fewer replicas.',
    says: 'seconds: 0 to 86400',
    unlessSaid: '1200',
    example: 'downscale_delay_seconds: 300',
  }),
}
