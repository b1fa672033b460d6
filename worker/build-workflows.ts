import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { WORKFLOW_BUNDLE } from './bundle-path';

/** Bundles the compiled workflows once, at build time: a worker that does it at start is seconds later and 300 MB larger. */
async function build(): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('../workflows') });
  await writeFile(WORKFLOW_BUNDLE, code);
}

void build();
