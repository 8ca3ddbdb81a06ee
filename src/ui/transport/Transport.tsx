/** Play, step, speed and the timeline. */
export function Transport() {
  return <div />
}
