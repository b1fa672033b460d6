import { z } from 'zod';
import { REQUEST_ERRORS } from '../errors/codes';
import type { ErrorCode } from '../errors/codes';
import { FIELD_ERRORS } from '../../domain/validation/field-codes';
import { problemType } from '../errors/problem';

/** The body of every error (RFC 9457). */
export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: 'A name for the kind of problem; it cannot be opened.' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is special about this occurrence.' }),
    code: z.enum(Object.keys(REQUEST_ERRORS)).meta({ description: 'Stable: decide by it.' }),
    errors: z.array(
      z.strictObject({
        pointer: z.string().meta({
          description:
            'JSON pointer (RFC 6901) into the body; `/query/<name>` for a parameter, `/path/<name>` for a part of the path.',
        }),
        code: z.enum(Object.keys(FIELD_ERRORS)),
        message: z.string().meta({ description: 'Names the field and how to correct it.' }),
      }),
    ),
    correlationId: z.string(),
  })
  .meta({ id: 'Problem', description: 'An error; see docs/errors.md for every code.' });

export function exampleProblem(code: ErrorCode): unknown {
  const { status, title, meaning } = REQUEST_ERRORS[code];
  return {
    type: problemType(code),
    title,
    status,
    detail: meaning,
    code,
    errors:
      status === 422
        ? [{ pointer: '/name', code: 'field.required', message: 'name: is required and must be a text' }]
        : [],
    correlationId: '4b7f3f7e-6f0a-4a53-9d0b-0a8a3f6f1c58',
  };
}
