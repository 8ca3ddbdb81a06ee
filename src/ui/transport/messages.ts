/** What the transport says. */
export const transportMessages = {
  first: 'First step',
  back: 'Step back',
  play: 'Play',
  pause: 'Pause',
  next: 'Step on',
  last: 'Last step',
  rules: 'Rule by rule',
  rulesHint: 'Step through every rule instead of every hop',
  speed: 'Speed',
  speedValue: (speed: number): string => `${speed >= 1 ? Math.round(speed * 10) / 10 : Math.round(speed * 100) / 100}×`,
  timeline: 'Position in the trace',
  position: (step: number, steps: number): string => `${step} / ${steps}`,
  spoken: (step: number, steps: number, title: string): string => `Step ${step} of ${steps}: ${title}`,
  nothing: 'Send a request: its way appears here.',
} as const
