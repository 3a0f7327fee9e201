/** For an LRU cache of so many entries: limited by `max`, it would take room for all of them at the start, ten milliseconds of it. */
export const entries = (count: number) => ({ maxSize: count, sizeCalculation: () => 1 })
