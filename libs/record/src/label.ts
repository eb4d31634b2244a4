import { DomainError } from '@countersign/kernel';

/** The closed list of classifications, lowest first. */
export const CLASSIFICATIONS = [
  'UNCLASSIFIED',
  'NATO UNCLASSIFIED',
  'NATO RESTRICTED',
  'NATO CONFIDENTIAL',
  'NATO SECRET',
  'COSMIC TOP SECRET',
] as const;

export type Classification = (typeof CLASSIFICATIONS)[number];

/** A confidentiality label: how secret, and whom it may be released to. */
export interface Label {
  readonly classification: Classification;
  /** ISO 3166 trigraphs of nations; left out where no REL TO caveat is set. Never empty. */
  readonly releasableTo?: readonly string[];
}

const CAVEAT = ' REL TO ';
const TRIGRAPH = /^[A-Z]{3}$/;
const NATIONS_MAX = 64;

/**
 * The label's one text: the classification, then ` REL TO ` and the trigraphs in ascending order, one space between.
 * Sorts and removes repetitions.
 *
 * @throws DomainError FIELD_INVALID
 */
export function formatLabel({ classification, releasableTo }: Label): string {
  if (!CLASSIFICATIONS.includes(classification)) throw invalidLabel('the classification is not in the list');
  if (releasableTo === undefined) return classification;
  const nations = [...new Set(releasableTo)].sort();
  if (nations.length === 0 || nations.length > NATIONS_MAX) throw invalidLabel(`REL TO names 1 to ${NATIONS_MAX} nations`);
  if (!nations.every((nation) => TRIGRAPH.test(nation))) throw invalidLabel('REL TO names ISO 3166 trigraphs');
  return `${classification}${CAVEAT}${nations.join(' ')}`;
}

/**
 * Reads a label; only its one canonical text is accepted.
 *
 * @throws DomainError FIELD_INVALID
 */
export function parseLabel(text: string): Label {
  const split = text.indexOf(CAVEAT);
  const classification = CLASSIFICATIONS.find((name) => name === (split < 0 ? text : text.slice(0, split)));
  if (classification === undefined) throw invalidLabel('the classification is not in the list');
  const label: Label =
    split < 0 ? { classification } : { classification, releasableTo: text.slice(split + CAVEAT.length).split(' ') };
  if (formatLabel(label) !== text) throw invalidLabel('REL TO names each nation once, in ascending order');
  return label;
}

/** Whether it is the canonical text of a label. */
export function isLabel(text: string): boolean {
  try {
    parseLabel(text);
    return true;
  } catch {
    return false; // parseLabel throws for one reason only: it is not a label.
  }
}

function invalidLabel(rule: string): DomainError {
  return new DomainError('FIELD_INVALID', { field: 'label', rule });
}
