import type { Step } from './step.ts'

const HOP_MS = 600
const WALK_MS = 1200
/** Extra time on a choice of a backend, so that it can be seen. */
const CHOICE_MS = 250
const RULE_MS = 250

/** How long the packet travels in a step at speed 1, in milliseconds. */
export function travelMs(step: Step): number {
  return step.kind === 'walk' ? WALK_MS : HOP_MS
}

/** How long a step stands before the next one plays, in milliseconds. */
export function dwellMs(step: Step, granularity: 'hop' | 'rule', speed: number): number {
  const whole = granularity === 'rule' ? RULE_MS : travelMs(step) + (step.choice ? CHOICE_MS : 0)
  return whole / speed
}

/** Slow at both ends, `t` in 0..1. */
export function easeInOut(t: number): number {
  return t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t)
}
