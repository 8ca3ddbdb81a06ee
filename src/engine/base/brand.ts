declare const brand: unique symbol

/** A `T` that only its own parser can make: the proof that it was checked travels in the type. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
