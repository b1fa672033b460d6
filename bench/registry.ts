import { audience } from './audience/audience';
import type { Bench } from './bench';
import { broadcast } from './broadcast';
import { email } from './email';
import { importBench } from './import/import';
import { messages } from './messages/messages';
import { render } from './render';

/** Every bench there is, in the order in which help lists them. */
export const BENCHES: readonly Bench[] = [broadcast, email, audience, render, importBench, messages];
