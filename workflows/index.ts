/** Everything the bundle registers: an exported function is a workflow type by its name. */
export { job as import } from './job';
export { messages } from './messages';
export { occurrence } from './occurrence';
export { schedule } from './schedule';
export { slice } from './slice';
export { steward } from './steward';
