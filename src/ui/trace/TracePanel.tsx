interface TracePanelProps {
  /** Only the current step: its title, header and why; no list. For the sheet below the canvas on a phone. */
  readonly compact?: boolean
}

/** The request as a list of steps, and what happens in the current one. */
export function TracePanel({ compact = false }: TracePanelProps) {
  return <div data-compact={compact} />
}
