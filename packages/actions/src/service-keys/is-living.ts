import type { ServiceKeyView } from '@skykeep/core/service-key-views'

/** Neither revoked nor expired. @param nowMs wall time. */
export function isLiving({ revokedAtMs, expiresAtMs }: ServiceKeyView, nowMs: number): boolean {
  return revokedAtMs === null && (expiresAtMs === null || nowMs < expiresAtMs)
}
