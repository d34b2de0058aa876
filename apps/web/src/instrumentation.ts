import { startWeb } from '#start'

/** Next calls it once, when the server listens. */
export async function register(): Promise<void> {
  await startWeb()
}
