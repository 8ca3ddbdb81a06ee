/** The cluster, and the packet on its way. */
export function Topology() {
  return <div />
}
