import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { bootFiles, bootIdOf } from '@skykeep/core/boot-id'
import { ProviderError } from './errors.ts'
import { killNodeProcesses } from './node-processes.ts'
import type { NodeTags, Offer, Resources } from './provider.ts'
import type { Runner } from './runner.ts'
import { createSpawnRunner, fromFileSystem } from './spawn-runner.ts'

/** What is on disk about a node that is a folder of this machine. */
export interface FolderNode extends NewFolderNode {
  /** Marks the processes of this very node: a copy of the folder elsewhere on this machine makes other ones. */
  readonly mark: string
}

/** What a provider knows of a node that it is about to make. */
export interface NewFolderNode {
  readonly nodeId: string
  readonly token: string
  readonly tags: NodeTags
  readonly offer: Offer
  readonly resources: Resources
  /** Boot id of this machine when the node was created. */
  readonly bootId: string
  readonly createdAtMs: number
}

export interface FolderNodesPlace {
  /** Folder of all nodes; created when it is missing. */
  readonly root: string
  /** What every process of a node gets beside HOME and TMPDIR: PATH above all. */
  readonly jobEnv: Readonly<Record<string, string>>
  readonly host: string
}

/**
 * Nodes that are folders and processes of this machine: `<root>/<nodeId>/` is HOME, `<root>/.nodes/<nodeId>.json` says
 * that the node exists. The record is the first thing made and the last removed, so that a crash leaves nothing unseen;
 * it lies outside of HOME, where no job can hurt it by accident. Throws ProviderError.
 */
export class FolderNodes {
  readonly #place: FolderNodesPlace

  constructor(place: FolderNodesPlace) {
    this.#place = place
  }

  /** Makes the node, or returns the one of the same id that is there already (also when both come at once). */
  async create(fresh: NewFolderNode): Promise<FolderNode> {
    const node = { ...fresh, mark: `${fresh.nodeId}.${randomUUID()}` }
    try {
      await mkdir(this.#recordFolder(), { recursive: true, mode: 0o700 })
      await this.#writeRecordOnce(node)
      await mkdir(join(this.homeOf(node.nodeId), 'tmp'), { recursive: true, mode: 0o700 })
    } catch (error) {
      throw fromFileSystem(error, `creating the folder of node ${node.nodeId}`)
    }
    return this.read(node.nodeId)
  }

  /** Throws `not-found` when there is no such node. */
  async read(nodeId: string): Promise<FolderNode> {
    const found = await this.find(nodeId)
    if (found === null) throw new ProviderError('not-found', `there is no node ${nodeId}`)
    return found
  }

  async find(nodeId: string): Promise<FolderNode | null> {
    if (!/^n-[0-9a-f]{20}$/.test(nodeId)) return null
    const text = await readFile(this.#recordPath(nodeId), 'utf8').catch((error: unknown) => {
      const failure = fromFileSystem(error, `reading the record of node ${nodeId}`)
      if (failure.kind === 'not-found') return null
      throw failure
    })
    if (text === null) return null
    // Written whole by `create` and by nobody else: fsynced before it got its name.
    return JSON.parse(text) as FolderNode
  }

  async list(): Promise<readonly FolderNode[]> {
    const names = await readdir(this.#recordFolder()).catch((error: unknown) => {
      const failure = fromFileSystem(error, 'listing the nodes of this machine')
      if (failure.kind === 'not-found') return []
      throw failure
    })
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
    const found = await Promise.all(ids.map((nodeId) => this.find(nodeId)))
    return found.filter((node) => node !== null)
  }

  /** Kills what runs on the node, then removes its folder, then its record. A missing node is a success. */
  async remove(nodeId: string): Promise<void> {
    const node = await this.find(nodeId)
    if (node === null) return
    await this.killProcesses(node)
    const trash = join(this.#place.root, '.trash', `${nodeId}-${randomUUID()}`)
    try {
      await mkdir(join(this.#place.root, '.trash'), { recursive: true, mode: 0o700 })
      await rename(this.homeOf(nodeId), trash).catch(ignoreMissing)
      await rm(trash, { recursive: true, force: true, maxRetries: 3 })
      await unlink(this.#recordPath(nodeId)).catch(ignoreMissing)
    } catch (error) {
      throw fromFileSystem(error, `removing the folder of node ${nodeId}`)
    }
  }

  /** Kills what runs on the node; throws `transient` when something survives SIGKILL for three seconds. */
  async killProcesses({ nodeId, mark }: FolderNode): Promise<void> {
    const left = await killNodeProcesses(mark)
    if (left > 0) throw new ProviderError('transient', `${left} processes of node ${nodeId} do not end`)
  }

  homeOf(nodeId: string): string {
    return join(this.#place.root, nodeId)
  }

  /** The way onto a node that exists. */
  runnerOf({ nodeId, mark }: FolderNode): Runner {
    const home = this.homeOf(nodeId)
    const jobEnv = { ...this.#place.jobEnv, TMPDIR: join(home, 'tmp') }
    return createSpawnRunner({ nodeId, mark, home, host: this.#place.host, jobEnv })
  }

  async #writeRecordOnce(node: FolderNode): Promise<void> {
    const staged = join(this.#recordFolder(), `.${node.nodeId}-${randomUUID()}`)
    const file = await open(staged, 'wx', 0o600)
    try {
      await file.writeFile(JSON.stringify(node))
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // link(2) fails when the name exists: exactly one of several creates wins, and its record is whole.
      await link(staged, this.#recordPath(node.nodeId))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      await unlink(staged)
    }
  }

  #recordFolder(): string {
    return join(this.#place.root, '.nodes')
  }

  #recordPath(nodeId: string): string {
    return join(this.#recordFolder(), `${nodeId}.json`)
  }
}

/** The id of the node of a token: the same for ever, so that a create needs no look-up. */
export function folderNodeId(installationId: string, token: string): string {
  return `n-${createHash('sha256').update(`${installationId}\n${token}`).digest('hex').slice(0, 20)}`
}

/** Boot id of this machine or container; changes with each start of it. Empty where the system has none. */
export async function machineBootId(): Promise<string> {
  const [bootId, secondName, firstStat] = await Promise.all(
    [bootFiles.bootId, bootFiles.secondName, bootFiles.firstStat].map((file) =>
      readFile(file, 'utf8').catch(() => ''),
    ),
  )
  return bootIdOf({ bootId: bootId ?? '', secondName: secondName ?? '', firstStat: firstStat ?? '' })
}

function ignoreMissing(error: unknown): void {
  if (fromFileSystem(error, '').kind !== 'not-found') throw error
}
