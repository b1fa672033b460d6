import { benchRun } from '../../test/bench-run';
import { importBench } from './import';
import { brokenLines, peopleFile } from './people-file';

describe('the bench import', () => {
  it('imports a file with broken rows through real processes, beside a PUT for each person', async () => {
    const figures = await importBench.run(benchRun({ size: 2_500 }));
    const memory = {
      before: expect.any(Number),
      firstHalf: expect.any(Number),
      secondHalf: expect.any(Number),
    };
    expect(figures).toEqual({
      perSecond: expect.any(Number),
      rows: 2_500,
      failed: 25,
      uploadSeconds: expect.any(Number),
      importSeconds: expect.any(Number),
      workerCpuUs: expect.any(Number),
      apiCpuUs: expect.any(Number),
      workerRssMb: memory,
      apiRssMb: memory,
      baselinePerSecond: expect.any(Number),
      ratio: expect.any(Number),
    });
    expect(figures['perSecond']).toBeGreaterThan(0);
    expect(figures['baselinePerSecond']).toBeGreaterThan(0);
  }, 300_000);
});

describe('the file of the bench import', () => {
  it('has a row a person, and is broken on the lines that it says', () => {
    const lines = [...peopleFile(250)].join('').trimEnd().split('\n');
    expect(lines).toHaveLength(251);
    const wrong = lines.flatMap((line, index) => (index > 0 && !line.includes('@') ? [index + 1] : []));
    expect(wrong).toEqual([101, 201]);
    expect(brokenLines(250)).toEqual(wrong);
  });
});
