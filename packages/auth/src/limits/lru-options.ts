/** Options for an LRU cache of `count` entries. With `max`, it would allocate them all at the start, which takes 10 ms. */
export const entries = (count: number) => ({ maxSize: count, sizeCalculation: () => 1 })
