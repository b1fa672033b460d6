/** How a file of people is written: `csv` is RFC 4180 with a header, `ndjson` a JSON object a line. */
export type FileFormat = 'csv' | 'ndjson';

/** A record longer than this is a mistake: a person's attributes alone are held to an eighth of it. */
export const MAX_RECORD_BYTES = 262_144;
