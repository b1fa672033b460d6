/** What a code stands for, for the person who sent the value. */
export interface CodeEntry {
  /** Short, the same for every occurrence. */
  readonly title: string;
  readonly meaning: string;
  /** What that person can do about it. */
  readonly fix: string;
}

const invalid = (title: string, meaning: string, fix: string): CodeEntry => ({ title, meaning, fix });

/** What can be wrong with one field: the codes within `errors`. */
export const FIELD_ERRORS = {
  'field.required': invalid('Required', 'The field is missing.', 'Give it a value.'),
  'field.unknown': invalid(
    'Unknown field',
    'No such field or parameter exists here.',
    'Leave it out, or correct its name.',
  ),
  'field.not-built': invalid(
    'Not built yet',
    'The feature behind the field is not built yet, so that it accepts its default alone.',
    'Leave the field out.',
  ),
  'field.type': invalid(
    'Wrong type',
    'The value has another JSON type than the field.',
    'Use the type that the message names.',
  ),
  'field.value': invalid(
    'Not allowed',
    'The value is none of those that the field allows.',
    'Use one that the message names.',
  ),
  'field.format': invalid(
    'Wrong format',
    'The text does not have the form of the field.',
    'Write it as the message shows.',
  ),
  'field.too-long': invalid(
    'Too long',
    'The text or list is longer than the field allows.',
    'Keep to the length that the message names.',
  ),
  'field.too-short': invalid(
    'Too short',
    'The text or list is shorter than the field allows.',
    'Give at least what the message names.',
  ),
  'field.too-deep': invalid('Too deep', 'Objects and lists are nested too deeply.', 'Flatten the document.'),
  'field.too-large': invalid(
    'Too large',
    'The object is too large when written as JSON.',
    'Keep less in it.',
  ),
  'field.range': invalid(
    'Out of range',
    'The number is too small or too large.',
    'Keep to the range that the message names.',
  ),
  'field.conflict': invalid(
    'Conflicting fields',
    'Fields exclude each other, or one is missing beside another.',
    'Choose as the message says.',
  ),
  'text.invalid': invalid(
    'Invalid text',
    'A text or name holds a character that cannot be stored: NUL or half of a surrogate pair.',
    'Remove the character.',
  ),
  'name.reserved': invalid(
    'Reserved name',
    'The name is reserved, because it has a meaning of its own in JavaScript or in audiences.',
    'Choose another name.',
  ),
  'cursor.invalid': invalid(
    'Invalid cursor',
    'The cursor was not made by this list.',
    'Use `nextCursor` of the answer before, or none.',
  ),
  'email.invalid': invalid(
    'Invalid email address',
    'The text is not an email address.',
    'Write it as in ada@example.com, without a name.',
  ),
  'phone.invalid': invalid(
    'Invalid phone number',
    'The text is not a phone number in E.164.',
    'Write it as in +4915112345678.',
  ),
  'locale.invalid': invalid(
    'Invalid locale',
    'The text is not a BCP 47 language tag.',
    'Write it as in en, de-AT or zh-Hant-TW.',
  ),
  'zone.unknown': invalid(
    'Unknown time zone',
    'The text is not the name of an IANA time zone in our data.',
    'Use a name such as Europe/Berlin; the message suggests some.',
  ),
  'time.invalid': invalid(
    'Invalid time',
    'The text is not a time, or no calendar has that time.',
    'Write a wall time as 2026-12-01T09:00:00, an instant with Z or an offset.',
  ),
  'time.past': invalid(
    'Time is past',
    'The time is past: of a schedule beyond the grace of `late` in every time zone, of a message by more than an hour.',
    'Choose a later time.',
  ),
  'time.skipped': invalid(
    'Time does not exist',
    'The clocks of the zone jump over the time, and `gap` is skip: nothing would ever be sent.',
    'Choose another time or another gap policy.',
  ),
  'duration.invalid': invalid(
    'Invalid duration',
    'The text is not an ISO 8601 duration of fixed length, or is out of range.',
    'Write it as in PT90S, PT30M or P1DT2H.',
  ),
  'channel.not-configured': invalid(
    'Channel not configured',
    'The installation has not been told what carries the channel.',
    'Use another channel, or have the variables set that the message names.',
  ),
  'template.unusable': invalid(
    'Template not usable',
    'The template does not exist, is not active, or has no content for the channel.',
    'Use another template, or give it content for the channel.',
  ),
  'reference.unknown': invalid(
    'Names nothing',
    'The value names something that does not exist.',
    'Check the id, or create what it names first.',
  ),
  'segment.cycle': invalid(
    'Segments in a circle',
    'The segment asks for itself, through others or directly.',
    'Take one of the segments out.',
  ),
  'variable.missing': invalid(
    'Variable missing',
    'The template requires a variable that neither `data` nor the recipient has.',
    'Give it a value.',
  ),
} as const satisfies Record<string, CodeEntry>;

export type FieldErrorCode = keyof typeof FIELD_ERRORS;
