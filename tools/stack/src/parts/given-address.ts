/** The scheme of a URL with its colon; empty if it is no URL. */
export function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : '';
}
