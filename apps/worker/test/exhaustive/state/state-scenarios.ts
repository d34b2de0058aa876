import { backupScenario, restoreScenario, verifyScenario } from './backup-scenarios.ts'
import { moveScenario, rotateScenario } from './change-scenarios.ts'
import { migrateScenario } from './migrate-scenarios.ts'
import type { StateScenario } from './state-scenario.ts'

/** The verbs on a persistent path, each with every write that it makes. */
export const stateScenarios: readonly StateScenario[] = [
  backupScenario(),
  verifyScenario(),
  restoreScenario(),
  moveScenario(false),
  moveScenario(true),
  rotateScenario(),
  migrateScenario(1),
  migrateScenario(6),
]
