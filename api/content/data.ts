import { z } from 'zod';
import { because } from '../../domain/validation/check';

const MAX_BYTES = 65_536;

/** Variables that content reads. */
export const dataSchema = z
  .record(z.string().max(200), z.unknown())
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_BYTES,
    because('field.too-large', `must be at most ${MAX_BYTES} bytes of JSON`),
  );
