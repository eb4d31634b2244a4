/** Control and format characters, line and paragraph separators, lone surrogates: what a terminal acts on or a reader cannot see. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** One line of text that shows what it holds: text of others could otherwise move the cursor, hide lines or add some. */
export function plain(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
