import { z } from 'zod';
import { configSchema } from './config';

/** Every variable with its default and meaning as a Markdown table: the body of docs/configuration.md. */
export function configReference(): string {
  const rows = Object.entries(configSchema.shape).map(([name, field]) => {
    const fallback =
      field instanceof z.ZodDefault ? `\`${String(field.def.defaultValue)}\`` : optional(field);
    return `| \`${name}\` | ${fallback} | ${field.description ?? ''} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function optional(field: z.ZodType): string {
  return field instanceof z.ZodOptional ? 'none' : 'required';
}
