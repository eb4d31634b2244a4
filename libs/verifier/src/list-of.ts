import { z } from 'zod';

/** An array that is refused at its first wrong element; `z.array` makes an issue of each, which for millions of them is gigabytes. */
export function listOf<T extends z.ZodType>(element: T, lengthMax: number, lengthMin = 0): z.ZodType<z.output<T>[]> {
  return z
    .array(z.unknown())
    .min(lengthMin)
    .max(lengthMax)
    .transform((values, context) => {
      const parsed: z.output<T>[] = [];
      for (const [at, value] of values.entries()) {
        const result = element.safeParse(value);
        if (result.success) {
          parsed.push(result.data);
          continue;
        }
        const [issue] = result.error.issues;
        if (issue !== undefined)
          context.issues.push({ ...issue, input: undefined, path: [at, ...issue.path] } as z.core.$ZodRawIssue);
        return z.NEVER;
      }
      return parsed;
    });
}
