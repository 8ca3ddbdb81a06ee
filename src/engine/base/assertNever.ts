/** Marks a branch that the types say cannot be reached. Throws: getting here is our bug. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
