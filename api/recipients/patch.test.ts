import { startService } from '../../test/api/service';
import type { Call, TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

beforeEach(() =>
  service.admin('PUT', '/v1/recipients/ada', {
    body: {
      email: 'ada@example.com',
      timeZone: 'Europe/Vienna',
      attributes: { plan: 'premium', address: { city: 'Wien', zip: '1010' }, tags: ['a', 'b'] },
    },
  }),
);

const patch = (body: unknown, call: Call = {}): Promise<TestAnswer> =>
  service.admin('PATCH', '/v1/recipients/ada', { body, ...call });

describe('PATCH /v1/recipients/:id', () => {
  it('200: merges objects, replaces lists and removes what is null', async () => {
    const { status, body } = await patch({
      timeZone: null,
      phone: '+4915112345678',
      attributes: { plan: null, address: { zip: '1020' }, tags: ['c'] },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ email: 'ada@example.com', phone: '+4915112345678' });
    expect(body.attributes).toEqual({ address: { city: 'Wien', zip: '1020' }, tags: ['c'] });
    expect(body).not.toHaveProperty('timeZone');
    expect((await service.admin('GET', '/v1/recipients/ada')).body).toEqual(body);
  });

  it('200: is also taken as application/merge-patch+json', async () => {
    const answer = await patch(
      { locale: 'en' },
      { headers: { 'Content-Type': 'application/merge-patch+json' } },
    );
    expect(answer.body.locale).toBe('en');
  });

  it('200: works the zone out anew', async () => {
    const { body } = await patch({ timeZone: null, phone: '+9779812345678' });
    expect(body).toMatchObject({ effectiveTimeZone: 'Asia/Kathmandu', timeZoneSource: 'phone' });
  });

  it('200: keeps both of two changes that come at once', async () => {
    await Promise.all([patch({ attributes: { left: 1 } }), patch({ attributes: { right: 2 } })]);
    const { body } = await service.admin('GET', '/v1/recipients/ada');
    expect(body.attributes).toMatchObject({ left: 1, right: 2 });
  });

  it('404: does not make a person who is not there', async () => {
    const { status, body } = await service.admin('PATCH', '/v1/recipients/stranger', { body: {} });
    expect([status, body.code]).toEqual([404, 'recipient.unknown']);
  });

  it('422: checks the merged person and changes nothing when that is wrong', async () => {
    const { status, body } = await patch({ email: 'nope', attributes: { a: 1 }, devices: [1], unheard: 1 });
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/email',
      '/devices',
      '/unheard',
    ]);
    expect((await service.admin('GET', '/v1/recipients/ada')).body.attributes).not.toHaveProperty('a');
  });

  it.each([[[]], ['text'], [null]])('422: refuses %p as a patch', async (body) => {
    expect((await patch(body)).body.errors).toEqual([
      expect.objectContaining({ pointer: '', code: 'field.type' }),
    ]);
  });
});
