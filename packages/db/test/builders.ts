import type { Service } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { Tx } from '@skykeep/db/handles'
import { insertService } from '@skykeep/db/services'

/** A living service with sensible values. */
export function addService(tx: Tx, name: string): Promise<Service> {
  return insertService(tx, {
    uid: `svc_${name}`,
    workspace: 'default',
    name,
    createdBy: 'usr_test',
    desiredVersion: 1,
    desiredReplicas: 2,
  })
}

export const sampleSpec: ServiceSpec = {
  specVersion: 1,
  name: 'hello',
  task: {
    run: 'node server.js',
    envs: { A: '1' },
    secretNames: [],
    resources: { infra: 'local', ports: [] },
  },
  service: {
    readinessProbe: {
      path: '/',
      initialDelaySeconds: 1200,
      timeoutSeconds: 15,
      intervalSeconds: 10,
      failureThresholdSeconds: 180,
      headers: {},
    },
    replicas: 2,
    loadBalancingPolicy: 'least_load',
  },
}
