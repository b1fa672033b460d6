import type { CsvColumn } from './csv-columns';

/** What an import was told: how to read its blocks. */
export type ImportSpec =
  | { readonly format: 'csv'; readonly columns: readonly CsvColumn[]; readonly header: readonly string[] }
  | { readonly format: 'ndjson' };
