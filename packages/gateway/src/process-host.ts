import type { ChildProcess } from 'node:child_process'
import type { ProcessIdentity } from './process-identity.ts'
import type { Program } from './successor.ts'

/** Another gateway process of the same path, as its runtime record names it. */
export interface Peer {
  readonly slot: number
  readonly identity: ProcessIdentity
  /** Its control socket. */
  readonly socket: string
  /** False: its record names another control socket, for it was copied with the path of another; such a process is none of this path. */
  readonly isOfThisPath: boolean
}

/** The world outside one process, given by the app. */
export interface ProcessHost {
  /** Living gateway processes of this path, this one left out; where they cannot be read, those that were known. */
  livingPeers(): readonly Peer[]
  isAlive(identity: ProcessIdentity): boolean
  /** Compares the start time first. */
  kill(identity: ProcessIdentity): void
  forkSibling(slot: number): ChildProcess
  /** Forks a sibling of another build. */
  forkSuccessor(slot: number, program: Program): ChildProcess
  /** Ends a peer that has not answered for some seconds. False: it answers, or is gone. */
  endIfStuck(peer: Peer): Promise<boolean>
  /** On how many ports a peer says that it listens; 0: it does not answer. */
  portCountOf(peer: Peer): Promise<number>
  /** Asks a peer to stop taking connections and to end after what it has. */
  retire(peer: Peer, graceMs: number, idleMs: number): Promise<void>
  /**
   * Has this process serve from another persistent path: lock, control socket, journal, snapshot, runtime record. Its sockets
   * and connections stay. @throws SkykeepError CONFLICT, NOT_FOUND or UNAVAILABLE; nothing changed then.
   */
  move(root: string): Promise<void>
  /** Asks a peer to do the same. */
  movePeer(peer: Peer, root: string): Promise<void>
  /** Where the journals of dead processes are looked for. */
  journalsFolder(): string
  /** Ends this process. */
  exit(code: number): void
}
