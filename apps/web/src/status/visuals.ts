import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleMinus,
  CirclePause,
  CircleX,
  Clock,
  HeartOff,
  Hourglass,
  LoaderCircle,
  PowerOff,
  ShieldCheck,
  Undo2,
} from 'lucide-react'
import type { RolloutGate, SpotLocation } from '@skykeep/core/nouns'
import type {
  EndpointStatus,
  OperationStatus,
  ReplicaOutcome,
  ReplicaStatus,
  RolloutStatus,
} from '@skykeep/core/statuses'
import type { DrillView, ProcessView, ShownServiceStatus, SystemView } from '@skykeep/core/views'
import type { Visual } from './tones.ts'

export const serviceVisuals: Readonly<Record<ShownServiceStatus, Visual>> = {
  REPLICA_INIT: {
    label: 'Starting',
    tone: 'busy',
    icon: LoaderCircle,
    isTurning: true,
    meaning: 'Its first replicas are being started; none has answered yet.',
  },
  READY: { label: 'Ready', tone: 'ok', icon: CircleCheck, meaning: 'At least one replica answers.' },
  NO_REPLICA: {
    label: 'No replica',
    tone: 'warn',
    icon: CircleDashed,
    meaning: 'No replica answers now. Requests wait for one.',
  },
  PAUSED: {
    label: 'Paused',
    tone: 'idle',
    icon: CirclePause,
    meaning: 'Planned down time: no replica runs, and the endpoint says so. The reason says until when.',
  },
  FAILED: {
    label: 'Failed',
    tone: 'bad',
    icon: CircleX,
    meaning: 'Its replicas cannot be brought up. The reason says why.',
  },
  SHUTTING_DOWN: {
    label: 'Shutting down',
    tone: 'busy',
    icon: PowerOff,
    meaning: 'Its replicas finish what they hold and stop.',
  },
  TERMINATED: { label: 'Terminated', tone: 'idle', icon: CircleMinus, meaning: 'Taken down. It is history.' },
  CONTROLLER_FAILED: {
    label: 'Controller failed',
    tone: 'bad',
    icon: HeartOff,
    meaning:
      'No controller has looked at it for a while, so what stands here may be old. The gateway goes on serving its replicas.',
  },
}

export const replicaVisuals: Readonly<Record<ReplicaStatus, Visual>> = {
  PENDING: { label: 'Pending', tone: 'idle', icon: Clock, meaning: 'Waits for its turn to be launched.' },
  PROVISIONING: {
    label: 'Provisioning',
    tone: 'busy',
    icon: LoaderCircle,
    isTurning: true,
    meaning: 'Gets its node.',
  },
  STARTING: {
    label: 'Starting',
    tone: 'busy',
    icon: LoaderCircle,
    isTurning: true,
    meaning: 'Runs; its readiness probe has not succeeded yet.',
  },
  READY: { label: 'Ready', tone: 'ok', icon: CircleCheck, meaning: 'Answers its readiness probe.' },
  NOT_READY: {
    label: 'Not ready',
    tone: 'warn',
    icon: CircleAlert,
    meaning: 'Runs, but its readiness probe fails.',
  },
  DRAINING: {
    label: 'Draining',
    tone: 'busy',
    icon: CircleDot,
    meaning: 'Takes no new request and finishes those it has.',
  },
  SHUTTING_DOWN: { label: 'Shutting down', tone: 'busy', icon: PowerOff, meaning: 'Is being stopped.' },
  TERMINATED: { label: 'Terminated', tone: 'idle', icon: CircleMinus, meaning: 'Gone.' },
}

export const outcomeVisuals: Readonly<Record<ReplicaOutcome, Visual>> = {
  REMOVED: { label: 'Removed', tone: 'idle', icon: CircleMinus, meaning: 'No longer wanted, and stopped.' },
  FAILED: { label: 'Failed', tone: 'bad', icon: CircleX, meaning: 'Its program ended by itself.' },
  FAILED_SETUP: { label: 'Setup failed', tone: 'bad', icon: CircleX, meaning: 'Its setup commands failed.' },
  FAILED_PROVISION: { label: 'No node', tone: 'bad', icon: CircleX, meaning: 'No node could be had for it.' },
  FAILED_INITIAL_DELAY: {
    label: 'Never ready',
    tone: 'bad',
    icon: CircleX,
    meaning: 'It did not answer its probe within its initial delay.',
  },
  FAILED_PROBING: {
    label: 'Stopped answering',
    tone: 'bad',
    icon: CircleX,
    meaning: 'Its probe failed for longer than allowed.',
  },
  PREEMPTED: { label: 'Preempted', tone: 'warn', icon: Ban, meaning: 'Its infra took the node back.' },
  LOST: { label: 'Lost', tone: 'bad', icon: HeartOff, meaning: 'Its process or node is gone.' },
}

export const operationVisuals: Readonly<Record<OperationStatus, Visual>> = {
  PENDING: { label: 'Pending', tone: 'idle', icon: Clock, meaning: 'Waits for a controller.' },
  RUNNING: { label: 'Running', tone: 'busy', icon: LoaderCircle, isTurning: true, meaning: 'Under way.' },
  SUCCEEDED: { label: 'Succeeded', tone: 'ok', icon: CircleCheck, meaning: 'Done.' },
  FAILED: { label: 'Failed', tone: 'bad', icon: CircleX, meaning: 'Ended without its goal.' },
  CANCELLED: { label: 'Cancelled', tone: 'idle', icon: Ban, meaning: 'Stopped on request.' },
}

export const rolloutVisuals: Readonly<Record<RolloutStatus, Visual>> = {
  PROGRESSING: {
    label: 'Rolling out',
    tone: 'busy',
    icon: LoaderCircle,
    isTurning: true,
    meaning: 'The new version is taking over.',
  },
  ROLLING_BACK: {
    label: 'Rolling back',
    tone: 'warn',
    icon: Undo2,
    meaning: 'The new version failed; the old one takes over again.',
  },
  SUCCEEDED: { label: 'Rolled out', tone: 'ok', icon: CircleCheck, meaning: 'The new version took over.' },
  ROLLED_BACK: {
    label: 'Rolled back',
    tone: 'bad',
    icon: Undo2,
    meaning: 'The new version failed; the old one serves.',
  },
  SUPERSEDED: {
    label: 'Superseded',
    tone: 'idle',
    icon: CircleMinus,
    meaning: 'A later request took its place before it was done.',
  },
}

export const gateVisuals: Readonly<Record<RolloutGate['verdict'], Visual>> = {
  waiting: { label: 'Waiting', tone: 'idle', icon: Clock, meaning: 'Not enough requests to judge yet.' },
  passed: {
    label: 'Passed',
    tone: 'ok',
    icon: CircleCheck,
    meaning: 'Errors and latency are within bounds.',
  },
  failed: {
    label: 'Failed',
    tone: 'bad',
    icon: CircleX,
    meaning: 'The new version does worse than allowed.',
  },
}

export const drillVisuals: Readonly<Record<DrillView['status'], Visual>> = {
  RUNNING: { label: 'Running', tone: 'busy', icon: LoaderCircle, isTurning: true, meaning: 'Under way.' },
  SUCCEEDED: {
    label: 'Kept',
    tone: 'ok',
    icon: ShieldCheck,
    meaning: 'Nothing was lost that the guarantee covers.',
  },
  FAILED: {
    label: 'Failed',
    tone: 'bad',
    icon: CircleX,
    meaning: 'Something was lost, or it came to no end.',
  },
  LOST: {
    label: 'Lost',
    tone: 'warn',
    icon: CircleDashed,
    meaning: 'Its process ended before it could say how it went.',
  },
}

export const spotLocationVisuals: Readonly<Record<SpotLocation['status'], Visual>> = {
  ACTIVE: { label: 'Available', tone: 'ok', icon: CircleCheck, meaning: 'Spot capacity was had here last.' },
  PREEMPTED: {
    label: 'Preempted',
    tone: 'warn',
    icon: Ban,
    meaning: 'Capacity was taken back or refused here; others are tried first.',
  },
}

export const endpointVisuals: Readonly<Record<EndpointStatus, Visual>> = {
  PENDING: {
    label: 'Opening',
    tone: 'busy',
    icon: Clock,
    meaning: 'The gateway has not bound the port yet.',
  },
  OPEN: { label: 'Open', tone: 'ok', icon: CircleCheck, meaning: 'The gateway listens on it.' },
  BLOCKED: {
    label: 'Port blocked',
    tone: 'bad',
    icon: Ban,
    meaning: 'Something else holds the port; it is tried again, never moved.',
  },
  RELEASED: { label: 'Released', tone: 'idle', icon: CircleMinus, meaning: 'Given back.' },
}

export const processVisuals: Readonly<Record<ProcessView['state'], Visual>> = {
  running: { label: 'Running', tone: 'ok', icon: CircleCheck, meaning: 'Answers on its control socket.' },
  draining: {
    label: 'Draining',
    tone: 'busy',
    icon: Hourglass,
    meaning: 'Takes no more connections, and ends once what it carries has ended.',
  },
  'not answering': {
    label: 'Not answering',
    tone: 'warn',
    icon: CircleAlert,
    meaning: 'The process exists and does not answer.',
  },
  gone: { label: 'Gone', tone: 'bad', icon: CircleX, meaning: 'The process does not exist.' },
}

export const keyVisuals: Readonly<Record<'holds' | 'expired' | 'revoked', Visual>> = {
  holds: { label: 'Holds', tone: 'ok', icon: CircleCheck, meaning: 'Requests that show it get in.' },
  expired: { label: 'Expired', tone: 'idle', icon: Clock, meaning: 'Its time has come; it is refused.' },
  revoked: { label: 'Revoked', tone: 'idle', icon: Ban, meaning: 'A person ended it; it is refused.' },
}

export const storageVisuals: Readonly<Record<SystemView['storage']['state'], Visual>> = {
  ok: { label: 'OK', tone: 'ok', icon: CircleCheck, meaning: 'Writes reach the disk.' },
  degraded: {
    label: 'Degraded',
    tone: 'bad',
    icon: CircleAlert,
    meaning: 'Writes fail. Services go on; nothing is torn down.',
  },
}
