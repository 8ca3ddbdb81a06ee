/** `object` without the fields `names`. */
export function omit<T extends object, K extends keyof T & string>(object: T, ...names: readonly K[]): Omit<T, K> {
  // What is left has all other fields of T.
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => !(names as readonly string[]).includes(key)),
  ) as Omit<T, K>
}
