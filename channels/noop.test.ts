import { CONFORMANCE_RULES } from './conformance';
import { createNoopChannel } from './noop';

describe('the noop channel', () => {
  it.each(CONFORMANCE_RULES.map((rule) => [rule.name, rule] as const))('%s', async (_, rule) => {
    await expect(rule.check({ channel: createNoopChannel(), received: null })).resolves.toBeUndefined();
  });
});
