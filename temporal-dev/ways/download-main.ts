import { TestWorkflowEnvironment } from '@temporalio/testing';

/** Starting the server once is how the SDK is asked to download it; the file stays. */
async function main([server, version = 'default', folder = '.']: readonly string[]): Promise<void> {
  const executable = { type: 'cached-download', version, downloadDir: folder } as const;
  const environment =
    server === 'time-skipping'
      ? await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })
      : await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
