import { CircleAlert, CircleCheck, CircleDashed, CircleX, KeyRound, ShieldCheck } from 'lucide-react'
import type { FindingView, MasterKeyView } from '@skykeep/core/state-views'
import type { Visual } from './tones.ts'

export const findingVisuals: Readonly<Record<FindingView['status'], Visual>> = {
  ok: { label: 'OK', tone: 'ok', icon: CircleCheck, meaning: 'As it should be.' },
  warn: { label: 'Warning', tone: 'warn', icon: CircleAlert, meaning: 'It works, and should be looked at.' },
  fail: { label: 'Failed', tone: 'bad', icon: CircleX, meaning: 'Something does not work.' },
}

export const verificationVisuals: Readonly<Record<'identical' | 'differs' | 'unchecked', Visual>> = {
  identical: {
    label: 'Verified',
    tone: 'ok',
    icon: ShieldCheck,
    meaning: 'It was restored and is identical to what it was made from.',
  },
  differs: {
    label: 'Damaged',
    tone: 'bad',
    icon: CircleX,
    meaning: 'It was restored and is not what it says: do not rely on it.',
  },
  unchecked: {
    label: 'Not verified',
    tone: 'idle',
    icon: CircleDashed,
    meaning: 'Nobody has restored it yet to see whether it is whole.',
  },
}

export const masterKeyVisuals: Readonly<Record<MasterKeyView['status'], Visual>> = {
  ok: {
    label: 'Right one',
    tone: 'ok',
    icon: KeyRound,
    meaning: 'It is the one that the secrets were encrypted with.',
  },
  unused: { label: 'Not used yet', tone: 'idle', icon: CircleDashed, meaning: 'No secret is stored yet.' },
  lost: {
    label: 'Lost',
    tone: 'bad',
    icon: CircleX,
    meaning: 'What needs a secret waits for it; everything else goes on.',
  },
}
