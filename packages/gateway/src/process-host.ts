import type { ChildProcess } from 'node:child_process'
import type { ProcessIdentity } from './process-identity.ts'
import type { Program } from './successor.ts'

/** Another gateway process of the same path, as its runtime record names it. */
export interface Peer {
  readonly slot: number
  readonly identity: ProcessIdentity
  /** Its control socket. */
  readonly socket: string
}

/** The world outside one process, given by the app. */
export interface ProcessHost {
  /** Living gateway processes of this path, this one left out. */
  livingPeers(): readonly Peer[]
  isAlive(identity: ProcessIdentity): boolean
  /** Compares the start time first. */
  kill(identity: ProcessIdentity): void
  forkSibling(slot: number): ChildProcess
  /** Forks a sibling of another build. */
  forkSuccessor(slot: number, program: Program): ChildProcess
  /** Ends a peer that has not answered for some seconds. False: it answers, or is gone. */
  endIfStuck(peer: Peer): Promise<boolean>
  /** True when a peer answers and has a listening socket. */
  hasSockets(peer: Peer): Promise<boolean>
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
