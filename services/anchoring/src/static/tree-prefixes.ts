import type { ServedTree } from './served-tree.js';

/**
 * Where each tree is found. Every one has its log id in hex; one that shares it with no other has also what follows the first `/` of its
 * origin: `inventory`, `inventory/heads`.
 */
export class TreePrefixes {
  readonly #trees: ReadonlyMap<string, ServedTree>;

  constructor(trees: readonly ServedTree[]) {
    const names = trees.map(({ origin }) => nameOf(origin));
    const named = trees.filter((_, index) => names.filter((name) => name === names[index]).length === 1);
    this.#trees = new Map([
      ...named.map((tree) => [nameOf(tree.origin), tree] as const),
      // Last: an origin cannot take the place of another log's id.
      ...trees.map((tree) => [tree.logId, tree] as const),
    ]);
  }

  /** Compares the URL byte by byte: nothing is decoded, no query is ignored, so a resource has at most two URLs. */
  find(url: string): { readonly tree: ServedTree; readonly path: string } | undefined {
    const [, prefix = '', path = ''] = /^\/(.+?)\/(checkpoint|tile\/.*)$/.exec(url) ?? [];
    const tree = this.#trees.get(prefix);
    return tree && { tree, path };
  }
}

function nameOf(origin: string): string {
  return origin.slice(origin.indexOf('/') + 1);
}
