import { DomainError } from '@countersign/kernel';

const RULE = 'serial shipping container code: 18 digits, the last one the GS1 check digit';

/** GS1 mod-10, weights 3 and 1 from the right. @throws DomainError FIELD_INVALID */
export function parseSscc(text: string, field: string): string {
  if (!/^\d{18}$/.test(text) || checkDigit(text.slice(0, 17)) !== Number(text[17])) {
    throw new DomainError('FIELD_INVALID', { field, rule: RULE });
  }
  return text;
}

function checkDigit(digits: string): number {
  const sum = [...digits].reduceRight(
    (total, digit, index) => total + Number(digit) * ((digits.length - index) % 2 === 1 ? 3 : 1),
    0,
  );
  return (10 - (sum % 10)) % 10;
}
