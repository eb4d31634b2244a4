import { CLASSIFICATIONS, formatLabel, type Label } from '../label.js';

const REFUSED = [
  '',
  'RESTRICTED',
  'nato restricted',
  'NATO RESTRICTED ',
  ' NATO RESTRICTED',
  'NATO  RESTRICTED',
  'NATO RESTRICTED REL TO',
  'NATO RESTRICTED REL TO ',
  'NATO RESTRICTED REL TO USA DEU',
  'NATO RESTRICTED REL TO DEU DEU',
  'NATO RESTRICTED REL TO DEU, USA',
  'NATO RESTRICTED REL TO DEU  USA',
  'NATO RESTRICTED REL TO USA ',
  'NATO RESTRICTED REL TO US',
  'NATO RESTRICTED REL TO usa',
  'NATO RESTRICTED REL TO FVEY',
  'REL TO USA',
  'UNCLASSIFIED REL TO DEU REL TO USA',
];

export interface LabelVectors {
  readonly accepted: readonly (Label & { readonly text: string })[];
  readonly refused: readonly string[];
}

export function labelVectors(): LabelVectors {
  const caveated: Label[] = [
    { classification: 'NATO RESTRICTED', releasableTo: ['DEU', 'LTU', 'NLD', 'POL', 'USA'] },
    { classification: 'UNCLASSIFIED', releasableTo: ['USA'] },
  ];
  const labels = [...CLASSIFICATIONS.map((classification): Label => ({ classification })), ...caveated];
  return { accepted: labels.map((label) => ({ text: formatLabel(label), ...label })), refused: REFUSED };
}
