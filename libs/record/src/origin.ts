/**
 * Whether it can name a log: 1 to 200 characters of `A–Z a–z 0–9 . _ ~ : / -`, the first a letter or digit. That makes it a
 * CloudEvents `source`, a C2SP checkpoint origin and a signed note's key name at once.
 */
export function isOrigin(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._~:/-]{0,199}$/.test(text);
}

/** Whether it can name a stream: `<category>/<key>` of at most 256 visible ASCII characters. */
export function isStreamId(text: string): boolean {
  return text.length <= 256 && /^[a-z][a-z0-9-]*\/[!-~]+$/.test(text);
}
