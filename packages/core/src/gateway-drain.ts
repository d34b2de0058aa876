/** A gateway process that takes no more connections, and ends once what it carries has ended. */
export interface GatewayDrain {
  /** It ends after that at the latest, milliseconds. */
  readonly endsInMs: number
  /** Connections that it carries still. */
  readonly connections: number
}

/** What a gateway process says of its end in its answer to `GET /health`; null where it goes on, or says nothing of it. Pure. */
export function gatewayDrainOf(health: unknown): GatewayDrain | null {
  const drain: unknown = Reflect.get(Object(health), 'drain')
  const endsInMs: unknown = Reflect.get(Object(drain), 'endsInMs')
  const connections: unknown = Reflect.get(Object(drain), 'connections')
  return typeof endsInMs === 'number' && typeof connections === 'number' ? { endsInMs, connections } : null
}
