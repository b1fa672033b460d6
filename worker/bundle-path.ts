import path from 'node:path';

/** Where the build leaves the workflows for the worker: `dist/workflow-bundle.js`. */
export const WORKFLOW_BUNDLE = path.join(__dirname, '..', 'workflow-bundle.js');
