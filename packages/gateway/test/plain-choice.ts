/** A choice of nothing in particular, of which a test says what matters. */
export const plainChoice = {
  tried: null,
  rotation: 0,
  limit: Infinity,
  isGradual: false,
  hashKey: -1,
  loadFactor: 1.25,
  nearLimit: -1,
  random: () => 0,
} as const

/** A replica that is as good as any other. */
export const plainCandidate = {
  inFlight: 0,
  isDraining: false,
  ejectedAt: -1,
  targetQps: 1,
  window: 8,
  hashSeed: 0,
  isNear: false,
} as const
