import { randomBytes } from 'node:crypto';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { createKeyRing, UnknownKeyError } from './crypto';
import { createDataConverter, isMissingKey } from './data-converter';

const key = (id: string) => ({ id, key: randomBytes(32) });

function converterOf(keys: { id: string; key: Buffer }[]) {
  const lines: unknown[][] = [];
  const logger = { error: (...line: unknown[]) => void lines.push(line) };
  const [codec] = createDataConverter(createKeyRing(keys), logger).payloadCodecs ?? [];
  if (codec === undefined) throw new Error('there is no codec');
  return { codec, lines };
}

describe('the data converter', () => {
  it('logs a missing key once, with its id, and fails every time', async () => {
    const [first, second, third] = [key('k1'), key('k2'), key('k3')];
    const payload = defaultPayloadConverter.toPayload('x');
    const underFirst = await converterOf([first]).codec.encode([payload]);
    const underSecond = await converterOf([second]).codec.encode([payload]);

    const { codec, lines } = converterOf([third]);
    for (const payloads of [underFirst, underFirst, underSecond, underFirst]) {
      await expect(codec.decode(payloads)).rejects.toThrow('is not in SUNDIAL_ENCRYPTION_KEYS');
    }
    expect(lines).toEqual([
      [{ keyId: 'k1' }, expect.stringContaining('nothing is lost')],
      [{ keyId: 'k2' }, expect.stringContaining('nothing is lost')],
    ]);
  });

  it('logs nothing while all keys are there', async () => {
    const { codec, lines } = converterOf([key('k1')]);
    const payload = defaultPayloadConverter.toPayload('x');
    await codec.decode(await codec.encode([payload]));
    expect(lines).toEqual([]);
  });
});

describe('a missing key', () => {
  it('is known as itself and as the failure that the SDK makes of it', () => {
    expect(isMissingKey(new UnknownKeyError('k1'))).toBe(true);
    expect(isMissingKey(ApplicationFailure.fromError(new UnknownKeyError('k1')))).toBe(true);
    expect(isMissingKey(ApplicationFailure.fromError(new Error('k1')))).toBe(false);
    expect(isMissingKey(undefined)).toBe(false);
  });
});
