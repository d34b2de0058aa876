import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, readdirSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { foldersOf, type Layout } from './layout.ts'

export interface ModeFinding {
  readonly path: string
  readonly problem: 'owner' | 'mode' | 'acl' | 'type' | 'parent'
  /** One sentence that names what is and what should be. */
  readonly detail: string
  /** A command that mends it. */
  readonly fix: string
}

/**
 * Looks at owner, mode and POSIX ACL of the folders of a path and of the files in it that hold state or secrets. Reads only; what does
 * not exist is no finding. Folders should be 0700, files 0600, all of `uid`.
 */
export function inspectModes(layout: Layout, uid: number): readonly ModeFinding[] {
  const folders = foldersOf(layout).flatMap((folder) => inspectOne(folder, 'folder', uid))
  const files = privateFilesOf(layout).flatMap((file) => inspectOne(file, 'file', uid))
  return [
    ...inspectParents(layout.root, uid),
    ...folders,
    ...files,
    ...inspectAcl(layout.root),
    ...inspectAcl(layout.keysDir),
  ]
}

/** Mends what `inspectModes` found and this user may mend (modes; owners and ACLs as far as permitted). Returns what is left. */
export function mendModes(layout: Layout, uid: number): readonly ModeFinding[] {
  for (const finding of inspectModes(layout, uid)) {
    try {
      if (finding.problem === 'owner') chownSync(finding.path, uid, -1)
      if (finding.problem === 'mode')
        chmodSync(finding.path, lstatSync(finding.path).isDirectory() ? 0o700 : 0o600)
      if (finding.problem === 'acl') spawnSync('setfacl', ['-b', '-k', finding.path], { stdio: 'ignore' })
    } catch {
      // Stays a finding.
    }
  }
  return inspectModes(layout, uid)
}

function inspectOne(path: string, wanted: 'folder' | 'file', uid: number): readonly ModeFinding[] {
  const stats = statOf(path)
  if (stats === undefined) return []
  const isWanted = wanted === 'folder' ? stats.isDirectory() : stats.isFile()
  if (!isWanted) {
    return [
      {
        path,
        problem: 'type',
        detail: `${path} is no ${wanted}`,
        fix: `move it away: mv ${path} ${path}.old`,
      },
    ]
  }
  const findings: ModeFinding[] = []
  if (stats.uid !== uid) {
    const detail = `${path} belongs to uid ${stats.uid}, not to uid ${uid}, who runs this`
    findings.push({ path, problem: 'owner', detail, fix: `sudo chown ${uid} ${path}` })
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = wanted === 'folder' ? '700' : '600'
    const detail = `${path} has mode ${(stats.mode & 0o777).toString(8)}; others may reach it (${mode} is wanted)`
    findings.push({ path, problem: 'mode', detail, fix: `chmod ${mode} ${path}` })
  }
  return findings
}

/** Who may rename a parent may put another folder in our place: only we, root, or a sticky folder's rule (sticky(7)) are fine. */
function inspectParents(root: string, uid: number): readonly ModeFinding[] {
  const findings: ModeFinding[] = []
  for (let path = dirname(root); ; path = dirname(path)) {
    const stats = statOf(path)
    if (stats !== undefined && (stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0) {
      const detail = `anybody may rename what is in ${path} (mode ${(stats.mode & 0o7777).toString(8)}), the persistent path too`
      findings.push({ path, problem: 'parent', detail, fix: `chmod o-w ${path}, or use another folder` })
    } else if (stats !== undefined && stats.uid !== uid && stats.uid !== 0 && (stats.mode & 0o200) !== 0) {
      const detail = `uid ${stats.uid} owns ${path} and may rename what is in it, the persistent path too`
      findings.push({
        path,
        problem: 'parent',
        detail,
        fix: `sudo chown root ${path}, or use another folder`,
      })
    }
    if (path === dirname(path)) return findings
  }
}

function inspectAcl(path: string): readonly ModeFinding[] {
  if (statOf(path) === undefined) return []
  const result = spawnSync('getfacl', ['-cpE', path], { encoding: 'utf8' })
  if (result.error !== undefined || result.status !== 0) return []
  const named = result.stdout.split('\n').filter((line) => /^(default:)?(user|group):[^:]+:/.test(line))
  if (named.length === 0) return []
  const detail = `${path} has an access control list for others: ${named.join(', ')}`
  return [{ path, problem: 'acl', detail, fix: `setfacl -b -k ${path}` }]
}

function privateFilesOf(layout: Layout): readonly string[] {
  const database = ['', '-wal', '-shm', '-journal'].map((suffix) => `${layout.stateDb}${suffix}`)
  return [...database, layout.routesFile, ...filesIn(layout.keysDir)]
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    return []
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
