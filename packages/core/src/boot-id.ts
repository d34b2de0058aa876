/** What a Linux says of its boot and of the pid namespace of who asks. */
export interface BootFiles {
  /** /proc/sys/kernel/random/boot_id (random(4)). */
  readonly bootId: string
  /** /proc/2/comm: `kthreadd` in the machine's own pid namespace alone. Empty when it cannot be read. */
  readonly secondName: string
  /** /proc/1/stat (proc(5)). Empty when it cannot be read. */
  readonly firstStat: string
}

export const bootFiles: Readonly<Record<keyof BootFiles, string>> = {
  bootId: '/proc/sys/kernel/random/boot_id',
  secondName: '/proc/2/comm',
  firstStat: '/proc/1/stat',
}

/**
 * Identity of this boot of the machine; in a pid namespace of its own, such as a container, of the life of its first process: with that, every process
 * in it has ended. `boot_id` of job-state.sh says the same.
 */
export function bootIdOf({ bootId, secondName, firstStat }: BootFiles): string {
  // Fields are counted from the end of the name, which may hold anything: the 22nd is the start time.
  const startTime = firstStat.slice(firstStat.lastIndexOf(')') + 2).split(' ')[19]
  const isMachine = secondName.trim() === 'kthreadd' || startTime === undefined
  return isMachine ? bootId.trim() : `${bootId.trim()}@${startTime}`
}
