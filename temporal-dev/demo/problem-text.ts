import { z } from 'zod';

const problem = z.object({
  title: z.string(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), message: z.string() })).default([]),
  correlationId: z.string(),
});

/** A refusal (RFC 9457) in words; an answer that is no problem document is shown as it stands. */
export function problemText(status: number, body: string): string {
  const read = problem.safeParse(parsed(body));
  if (!read.success) return `${status}: ${body.slice(0, 500)}`;
  const { title, detail, code, errors, correlationId } = read.data;
  // A single field has been named by the detail already.
  const fields = errors.length < 2 ? [] : errors.map(({ pointer, message }) => `\n  ${pointer}  ${message}`);
  return `${status} ${title} (${code}): ${detail}${fields.join('')}\n  correlation id ${correlationId}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
