/** Something that the person who started the bench can put right; told in one message. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
