import { recipientBody, recipientId } from '../recipient/body';
import type { RecipientRules } from '../recipient/body';
import { profileOf } from '../recipient/profile';
import type { RecipientProfile } from '../recipient/profile';
import { check } from '../validation/check';
import { checkDocument, fieldOf } from '../validation/document';
import { wayOf } from '../field-error';
import type { FieldError } from '../field-error';

/** A person of a file: what one `PUT` would be sent, with the id beside the fields. */
export interface ImportedRecipient {
  readonly id: string;
  readonly profile: RecipientProfile;
}

export interface FieldReason {
  /** Names of the way to the field: `['attributes', 'plan']`; empty for the document. */
  readonly path: readonly string[];
  readonly code: string;
  readonly reason: string;
}

export type JudgedRecipient =
  | { readonly kind: 'ok'; readonly recipient: ImportedRecipient }
  | { readonly kind: 'refused'; readonly errors: readonly FieldReason[] };

/** Judges people of a file by what a `PUT` of each is judged by. */
export function createJudge(rules: RecipientRules): (document: unknown) => JudgedRecipient {
  const schema = recipientBody(rules).extend({ id: recipientId });
  return (document) => {
    const unstorable = checkDocument(document);
    if (unstorable.length > 0) return { kind: 'refused', errors: unstorable.map(reasonOf) };
    const checked = check(schema, document);
    if (checked.kind === 'refused') return { kind: 'refused', errors: checked.errors.map(reasonOf) };
    const { id, ...body } = checked.value;
    return { kind: 'ok', recipient: { id, profile: profileOf(body, rules.zones) } };
  };
}

/** The message of a field begins with its name, which stands beside the reason here. */
function reasonOf({ pointer, code, message }: FieldError): FieldReason {
  const name = `${fieldOf(pointer)}: `;
  return {
    path: wayOf(pointer),
    code,
    reason: message.startsWith(name) ? message.slice(name.length) : message,
  };
}
