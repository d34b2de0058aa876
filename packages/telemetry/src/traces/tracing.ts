import type { Tracing } from './span.ts'

export type { Tracing } from './span.ts'

/** Nothing is traced: `work` runs as if it stood alone. */
export const noTracing: Tracing = {
  isOn: false,
  span: (_wish, work) => work(),
  stop: () => Promise.resolve(),
}

export interface TracingOptions {
  /** Name of the process, such as `worker`. */
  readonly process: string
  /** Base address of an OTLP/HTTP receiver, such as `http://127.0.0.1:4318`; undefined or empty: nothing is traced. */
  readonly endpoint: string | undefined
}

/** The traces of this process. The SDK is loaded only where there is somewhere to send them. */
export async function openTracing({ process, endpoint }: TracingOptions): Promise<Tracing> {
  if (endpoint === undefined || endpoint === '') return noTracing
  const { startOtlp } = await import('./otlp.ts')
  return startOtlp(process, endpoint)
}
