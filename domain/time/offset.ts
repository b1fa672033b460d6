const two = (value: number): string => String(value).padStart(2, '0');

/** An offset in seconds east of Greenwich as `+05:45`; the odd seconds of local mean time are shown too. */
export function formatOffset(offset: number): string {
  const size = Math.abs(offset);
  const text = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 3_600))}:${two(Math.floor(size / 60) % 60)}`;
  return size % 60 === 0 ? text : `${text}:${two(size % 60)}`;
}
