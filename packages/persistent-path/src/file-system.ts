import { readFileSync, realpathSync, statfsSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'

export type FileSystemKind = 'local' | 'network' | 'fuse' | 'memory' | 'overlay' | 'unknown'

export interface FileSystem {
  readonly kind: FileSystemKind
  /** The kernel's name of it (ext4, nfs4, fuse.sshfs, …), or its magic number in hex. */
  readonly type: string
  readonly mountPoint: string
}

/** Numbers of statfs(2), linux/magic.h. */
const kindByMagic: Readonly<Record<number, FileSystemKind>> = {
  0x6969: 'network', // NFS
  0x517b: 'network', // SMB
  0xfe534d42: 'network', // SMB2
  0xff534d42: 'network', // CIFS
  0x01021997: 'network', // 9P
  0x00c36400: 'network', // Ceph
  0x0bd00bd0: 'network', // Lustre
  0x47504653: 'network', // GPFS
  0x5346414f: 'network', // AFS
  0x65735546: 'fuse',
  0x01021994: 'memory', // tmpfs
  0x858458f6: 'memory', // ramfs
  0x794c7630: 'overlay',
  0xef53: 'local', // ext2, ext3, ext4
  0x58465342: 'local', // XFS
  0x9123683e: 'local', // Btrfs
  0x2fc12fc1: 'local', // ZFS
  0xf2f52010: 'local', // F2FS
  0xca451a4e: 'local', // bcachefs
}

/** The file system that an existing path lies on, by statfs and /proc/self/mounts. `unknown` where neither tells. */
export function fileSystemOf(path: string): FileSystem {
  const magic = statfsSync(path).type >>> 0
  const byMagic = kindByMagic[magic] ?? 'unknown'
  const mount = mountOf(readMounts(), realpathSync(path))
  const byName = mount === undefined ? 'unknown' : kindOfType(mount.type)
  // The stricter of the two: a FUSE mount may carry the type name of what it shows.
  const kind = byMagic === 'network' || byMagic === 'fuse' || byName === 'unknown' ? byMagic : byName
  return { kind, type: mount?.type ?? `0x${magic.toString(16)}`, mountPoint: mount?.mountPoint ?? path }
}

/** The mount (a line of /proc/self/mounts, fstab(5)) that holds an absolute, real path; of several on one point, the last one. */
export function mountOf(
  mounts: string,
  path: string,
): { readonly type: string; readonly mountPoint: string } | undefined {
  let found: { readonly type: string; readonly mountPoint: string } | undefined
  for (const line of mounts.split('\n')) {
    const [, rawPoint, type] = line.split(' ')
    if (rawPoint === undefined || type === undefined) continue
    const mountPoint = rawPoint.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    )
    const isInside = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`)
    if (isInside && mountPoint.length >= (found?.mountPoint.length ?? 0)) found = { type, mountPoint }
  }
  return found
}

/** The kind of a kernel type name. */
export function kindOfType(type: string): FileSystemKind {
  if (/^(fuse|fuseblk|fuse\..*|virtiofs)$/.test(type)) return 'fuse'
  if (/^(nfs\d?|cifs|smb\d?|smbfs|9p|ceph|lustre|gpfs|afs|glusterfs|ocfs2|gfs2|beegfs)$/.test(type))
    return 'network'
  if (/^(tmpfs|ramfs|devtmpfs)$/.test(type)) return 'memory'
  if (/^(overlay|aufs)$/.test(type)) return 'overlay'
  return /^(ext[234]|xfs|btrfs|zfs|f2fs|bcachefs|apfs|hfs|jfs|reiserfs)$/.test(type) ? 'local' : 'unknown'
}

export interface FileSystemVerdict {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly fix?: string
}

/** Whether a state may live there. SQLite needs a local block file system (sqlite.org/howtocorrupt.html §2.1); PostgreSQL moves that need away. */
export function judgeFileSystem(fileSystem: FileSystem, usesSqlite: boolean): FileSystemVerdict {
  const what = `${fileSystem.type} at ${fileSystem.mountPoint}`
  switch (fileSystem.kind) {
    case 'local':
      return { status: 'ok', detail: what }
    case 'network':
    case 'fuse':
      return {
        status: usesSqlite ? 'fail' : 'warn',
        detail: `${what}: locks and fsync of a ${fileSystem.kind === 'fuse' ? 'FUSE' : 'network'} file system do not hold for SQLite`,
        fix: 'Use a block volume that moves with the machine (EBS, Persistent Disk, Ceph RBD), or set database.url to PostgreSQL.',
      }
    case 'memory':
      return {
        status: 'warn',
        detail: `${what}: its content is gone after a reboot`,
        fix: 'Set SKYPILOT_PERSISTENT_PATH to a folder on a disk.',
      }
    case 'overlay':
      return {
        status: 'warn',
        detail: `${what}: its content is gone with the container`,
        fix: 'Mount a volume and set SKYPILOT_PERSISTENT_PATH to it.',
      }
    case 'unknown':
      return {
        status: 'warn',
        detail: `${what}: not known to keep locks and fsync`,
        fix: 'Prefer ext4, XFS, Btrfs, ZFS or APFS.',
      }
  }
}

/** Throws UNSUPPORTED, with the fix, for a file system that would lose or corrupt the state; returns the warning for a doubtful one. */
export function requireFileSystem(fileSystem: FileSystem, usesSqlite: boolean): string | undefined {
  const verdict = judgeFileSystem(fileSystem, usesSqlite)
  if (verdict.status === 'fail') {
    const hint = verdict.fix === undefined ? {} : { hint: verdict.fix }
    throw new SkykeepError('UNSUPPORTED', `the persistent path lies on ${verdict.detail}`, hint)
  }
  return verdict.status === 'warn' ? `the persistent path lies on ${verdict.detail}` : undefined
}

function readMounts(): string {
  try {
    return readFileSync('/proc/self/mounts', 'utf8')
  } catch {
    return ''
  }
}
