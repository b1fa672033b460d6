import { z } from 'zod';
import { ROLES, ROLE_SCOPES, SCOPES } from '../auth/principal';
import { instant, nameText } from '../../domain/validation/fields';
import { because } from '../../domain/validation/check';

export const apiKeyBody = z
  .strictObject({
    name: nameText(200),
    role: z.enum(ROLES),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .optional()
      .meta({ description: 'Narrows what the role may do; all of it when absent.' }),
  })
  .superRefine(({ role, scopes = [] }, context) => {
    scopes.forEach((scope, index) => {
      if (!ROLE_SCOPES[role].includes(scope)) {
        const message = `the role ${role} does not include ${scope}: leave it out, or choose another role`;
        context.addIssue({ code: 'custom', path: ['scopes', index], ...because('field.conflict', message) });
      }
    });
  })
  .meta({ id: 'ApiKeyBody' });

const shown = {
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)),
  prefix: z.string().meta({ description: 'How the key begins, to tell keys apart.' }),
  createdBy: z.string(),
  createdAt: instant,
  revokedAt: instant.nullable(),
};

const apiKeyExample = {
  id: 'key_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
  name: 'newsletter service',
  role: 'MARKETER',
  scopes: ['notification:read', 'notification:write'],
  prefix: 'sk_Example',
  createdBy: 'admin',
  createdAt: '2026-12-01T09:00:00.000Z',
  revokedAt: null,
};

export const apiKeyView = z.strictObject(shown).meta({ id: 'ApiKey', examples: [apiKeyExample] });

export const createdApiKey = z
  .strictObject({
    ...shown,
    key: z.string().meta({ description: 'The key itself. It is shown this once only.' }),
  })
  .meta({
    id: 'CreatedApiKey',
    examples: [{ ...apiKeyExample, key: 'sk_ExampleExampleExampleExampleExampleExampleExa' }],
  });
