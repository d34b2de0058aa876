/** The mark and the name. */
export function Brand() {
  return (
    <span className="flex items-center gap-2 font-semibold tracking-tight">
      <svg aria-hidden viewBox="0 0 32 32" className="size-6">
        <rect width="32" height="32" rx="8" className="fill-accent-solid" />
        <path d="M9 21.5V13l3 2v-2.5l4-3 4 3V15l3-2v8.5z" className="fill-white" />
        <path d="M7.5 24h17" className="stroke-white/60" strokeWidth="2" strokeLinecap="round" />
      </svg>
      Skykeep
    </span>
  )
}
