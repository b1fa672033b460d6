import { z } from 'zod';
import { isBuiltInField } from '../audience/condition';
import { because } from '../validation/check';
import type { FieldErrorCode } from '../validation/field-codes';

const MAX_BYTES = 32_768;
const MAX_DEPTH = 8;
const MAX_NAME = 200;

/** Members of every JavaScript object: as names of data they invite confusion and never say anything useful. */
const OBJECT_MEMBERS = new Set(['constructor', 'prototype', '__proto__']);

/**
 * What a customer knows of a person: any JSON object within limits. Names of the person's own fields are
 * refused, because an audience that asks for `locale` means that field and would never see the attribute.
 */
export const attributesSchema = z
  .record(z.string(), z.unknown())
  .superRefine((attributes, context) => {
    for (const name of Object.keys(attributes)) {
      const wrong = attributeNameError(name);
      if (wrong) context.addIssue({ code: 'custom', path: [name], ...because(wrong.code, wrong.message) });
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (levelsOf(value) < MAX_DEPTH) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        ...because('field.too-deep', `must be nested at most ${MAX_DEPTH} levels deep`),
      });
      break;
    }
    const text = JSON.stringify(attributes);
    // No character takes more than three bytes for each of its UTF-16 units.
    const bytes = text.length * 3 > MAX_BYTES ? utf8Bytes(text) : 0;
    if (bytes > MAX_BYTES) {
      context.addIssue({
        code: 'custom',
        ...because('field.too-large', `must be at most ${MAX_BYTES} bytes of JSON, not ${bytes}`),
      });
    }
  })
  .meta({
    description: `Any JSON object of at most ${MAX_BYTES} bytes and ${MAX_DEPTH} levels; templates and audiences read it.`,
  });

/** What is wrong with the name of an attribute. */
export function attributeNameError(name: string): { code: FieldErrorCode; message: string } | null {
  if (name === '') return { code: 'field.format', message: 'an attribute needs a name' };
  if (name.length > MAX_NAME) {
    return { code: 'field.too-long', message: `must have at most ${MAX_NAME} characters as a name` };
  }
  if (isBuiltInField(name)) {
    return { code: 'name.reserved', message: 'is a field of the recipient itself: choose another name' };
  }
  if (OBJECT_MEMBERS.has(name)) {
    return { code: 'name.reserved', message: 'is a reserved name: choose another' };
  }
  return null;
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

/** How deep objects and lists lie in each other; a plain value has none. */
function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, levelsOf(inner));
  return deepest + 1;
}
