import { createLeases, LEASE_MS } from './leases';

function setUp(answers: (rids: readonly string[]) => string[]) {
  const clock = { now: 1_000 };
  const asked: string[][] = [];
  const leases = createLeases(
    'owner',
    () => clock.now,
    (rids) => {
      asked.push([...rids]);
      return Promise.resolve(answers(rids));
    },
  );
  return { clock, asked, leases };
}

describe('leases', () => {
  it('stand without asking until they run out', async () => {
    const { clock, asked, leases } = setUp((rids) => [...rids]);
    leases.hold('1', leases.owner().leaseUntil);
    clock.now += LEASE_MS - 1;
    expect(await leases.holds('1')).toBe(true);
    expect(asked).toEqual([]);
    clock.now += 1;
    expect(await leases.holds('1')).toBe(true);
    expect(asked).toEqual([['1']]);
  });

  it('are lost when somebody else has taken the claim over', async () => {
    const { clock, leases } = setUp(() => []);
    leases.hold('1', leases.owner().leaseUntil);
    clock.now += LEASE_MS;
    expect(await leases.holds('1')).toBe(false);
    expect(leases.rids()).toEqual([]);
  });

  it('are lengthened together, and only as long as they are held', async () => {
    const { clock, asked, leases } = setUp((rids) => [...rids]);
    leases.hold('1', leases.owner().leaseUntil);
    leases.hold('2', leases.owner().leaseUntil);
    leases.release('2');
    clock.now += LEASE_MS / 2;
    await leases.renew();
    expect(asked).toEqual([['1']]);
    clock.now += LEASE_MS - 1;
    expect(await leases.holds('1')).toBe(true);
    expect(asked).toHaveLength(1);
    expect(await leases.holds('2')).toBe(false);
  });
});
