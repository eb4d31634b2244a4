/** Input that cannot be read as what it claims to be: exit code 2, as opposed to evidence that does not hold. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
