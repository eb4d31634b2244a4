import { parseTime } from '@countersign/kernel';

/**
 * Whether it is a time as headers carry it: RFC 3339 section 5.6 with an offset, upper-case `T` and `Z`, an existing day,
 * at most nine fraction digits, no leap second. `-00:00` says that the offset is unknown (section 4.3).
 */
export function isTimestamp(text: string): boolean {
  try {
    parseTime(text, 'time');
    return true;
  } catch {
    return false; // parseTime throws for one reason only: it is not a time.
  }
}
