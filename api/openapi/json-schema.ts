import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** Turns schemas into JSON Schema 2020-12, which OpenAPI 3.1 uses as it is, and gathers the named ones. */
export interface SchemaWriter {
  /** @param io `input` describes what may be sent, `output` what is answered. */
  write(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** For `components.schemas`: every schema that has an `id` in its metadata. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

export function createSchemaWriter(): SchemaWriter {
  const components: Record<string, JsonSchema> = {};
  // Hundreds of answers share a dozen schemas.
  const written = { input: new Map<z.ZodType, JsonSchema>(), output: new Map<z.ZodType, JsonSchema>() };
  return {
    components,
    write(schema, io) {
      const known = written[io].get(schema) ?? writeNew(schema, io);
      written[io].set(schema, known);
      return known;
    },
  };

  function writeNew(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _dialect, $defs, ...own } = relink(z.toJSONSchema(schema, { io }));
    for (const [name, definition] of Object.entries(asRecord($defs))) {
      const known = components[name];
      const { id: _id, ...found } = asRecord(definition);
      if (known && JSON.stringify(known) !== JSON.stringify(found)) {
        throw new Error(`Two schemas are called ${name}, or one reads differently as input and as output.`);
      }
      components[name] = found;
    }
    return own;
  }
}

/** Points references to where OpenAPI keeps schemas, and drops what only zod's own readers need. */
function relink(value: unknown): JsonSchema {
  const copy: unknown = JSON.parse(JSON.stringify(value), (name, inner: unknown) =>
    name === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : inner,
  );
  return asRecord(copy);
}

function asRecord(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
