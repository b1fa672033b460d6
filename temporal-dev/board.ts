/** Where the starter says what each part is doing; made by bootstrap/board.mjs before anything was built. */
export interface Board {
  expect(...parts: string[]): void;
  busy(part: string, note: string): void;
  done(part: string, note: string): void;
  failed(part: string, note: string): void;
  say(line: string): void;
  close(): void;
}
