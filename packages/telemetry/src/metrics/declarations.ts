import { workerMetrics } from './control-plane.ts'
import type { Declaration } from './declaration.ts'
import { gatewayMetrics } from './gateway.ts'
import { planeMetrics, webMetrics } from './plane.ts'
import { processMetrics } from './process.ts'

/** Every metric that there is, once. */
export const allMetrics: readonly Declaration[] = [
  planeMetrics,
  webMetrics,
  workerMetrics,
  gatewayMetrics,
  processMetrics,
].flatMap((group) => Object.values(group))
