/** Draws from 0 to `count - 1`, the first about as often as the second and the third together (exponent 1). */
export function zipf(count: number, seed: number): () => number {
  const sums = new Float64Array(count);
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    total += 1 / (index + 1);
    sums[index] = total;
  }
  let state = seed >>> 0;
  return () => {
    // A linear congruential generator (Numerical Recipes): only its upper bits matter here.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const wanted = (state / 2 ** 32) * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
