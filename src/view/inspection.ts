/** What the inspector says about one thing on the canvas. */
export interface Inspection {
  readonly kind: string
  readonly name: string
  /** One sentence that says what it is, where that helps. */
  readonly about?: string
  readonly rows: readonly InspectionRow[]
  /** The part of the world outside that this thing belongs to: it can be changed. */
  readonly setting?: OutsideSetting
}

export interface InspectionRow {
  readonly label: string
  readonly values: readonly string[]
  /** Sentences rather than values of fields. */
  readonly prose?: true
}

/** Keys of the ConfigMap `kube-system/outside-world`. */
export type OutsideSetting = 'load-balancer' | 'firewall' | 'names'

/** A row of the values that are there; without any it is left out by whoever shows it. */
export function row(label: string, ...values: readonly (string | undefined)[]): InspectionRow {
  return { label, values: values.filter((value) => value !== undefined) }
}
