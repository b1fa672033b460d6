import { z } from 'zod';
import { ConfigError, configSchema } from '../../platform/config';
import type { EncryptionKey } from '../../platform/config';

/** What the codec server was told. Secrets inside: never log it. */
export interface CodecSettings {
  readonly adminKey: string;
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly logLevel: string;
  readonly host: string;
  readonly port: number;
  /** The Web UI as browsers call it: its origin may ask across origins. */
  readonly webUiUrl: string | undefined;
  /** Where the Web UI really answers, when it is to be shown on this server's own address. */
  readonly webUiBehind: string | undefined;
}

/** Every environment variable that the codec server reads. */
export const codecSchema = configSchema
  .pick({
    SUNDIAL_ADMIN_KEY: true,
    SUNDIAL_ENCRYPTION_KEYS: true,
    SUNDIAL_TEMPORAL_UI_URL: true,
    SUNDIAL_LOG_LEVEL: true,
  })
  .extend({
    SUNDIAL_CODEC_HOST: z.string().default('127.0.0.1'),
    SUNDIAL_CODEC_PORT: z.coerce.number().int().min(0).max(65_535).default(8234),
    SUNDIAL_CODEC_WEB_UI: z.url({ protocol: /^https?$/ }).optional(),
  });

/** @throws ConfigError naming each variable that is missing or wrong, without its value. */
export function loadCodecSettings(env: NodeJS.ProcessEnv): CodecSettings {
  const parsed = codecSchema.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
  );
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `  ${String(path[0])}: ${message}`);
    throw new ConfigError(`The configuration of the codec server is not usable:\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  return {
    adminKey: values.SUNDIAL_ADMIN_KEY,
    encryptionKeys: values.SUNDIAL_ENCRYPTION_KEYS,
    logLevel: values.SUNDIAL_LOG_LEVEL,
    host: values.SUNDIAL_CODEC_HOST,
    port: values.SUNDIAL_CODEC_PORT,
    webUiUrl: values.SUNDIAL_TEMPORAL_UI_URL,
    webUiBehind: values.SUNDIAL_CODEC_WEB_UI,
  };
}
