/** Virtual time: milliseconds since the simulated cluster's start. May have a fraction inside one packet walk (microseconds). */
export type SimTime = number
