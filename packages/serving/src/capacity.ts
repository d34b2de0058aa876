/**
 * Requests a second that a replica with this accelerator takes (SkyPilot's `_get_target_qps_for_gpu_type`): the key written
 * exactly so, else one that names the same accelerator, else the least of all, so that nothing is overestimated.
 * @param accelerator as on the replica's row: `L4:1`; empty where it is not known yet.
 */
export function qpsCapacity(
  targetQpsByAccelerator: Readonly<Record<string, number>>,
  accelerator: string,
): number {
  const entries = Object.entries(targetQpsByAccelerator).filter(([, qps]) => qps > 0)
  const name = nameOf(accelerator)
  const match =
    entries.find(([key]) => key === accelerator) ??
    entries.find(([key]) => key === name) ??
    entries.find(([key]) => nameOf(key) === name)
  return match?.[1] ?? leastOf(entries)
}

/** What a replica that does not exist yet is taken for: the most that any can take, as SkyPilot counts it. */
export function bestQpsCapacity(targetQpsByAccelerator: Readonly<Record<string, number>>): number {
  return Math.max(0, ...Object.values(targetQpsByAccelerator).filter((qps) => qps > 0))
}

function nameOf(accelerator: string): string {
  return accelerator.split(':', 1)[0] ?? accelerator
}

function leastOf(entries: readonly (readonly [string, number])[]): number {
  return entries.length === 0 ? 0 : Math.min(...entries.map(([, qps]) => qps))
}
