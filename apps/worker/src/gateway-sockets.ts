import type { GatewayChannel } from '@skykeep/controllers/routes/gateway-channel'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import { listProcessRecords } from '@skykeep/persistent-path/runtime-files'

/** The gateway processes of this path, by their runtime records and control sockets. */
export function gatewaySockets(layout: Layout): GatewayChannel {
  return {
    living: () =>
      listProcessRecords(layout)
        .filter((record) => /^gateway-\d+$/.test(record.name) && isProcessAlive(record))
        .map(({ name }) => name),
    call: (name, request) => callControl(layout.socket(name), request),
  }
}
