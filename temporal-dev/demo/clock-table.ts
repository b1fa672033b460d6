import type { Instant } from '../../domain/time/instant';
import { formatOffset } from '../../domain/time/offset';
import { formatWallTime, weekdayOf } from '../../domain/time/wall-time';
import type { Zones } from '../../domain/time/zones';
import type { Delivery } from './schedule-client';
import { textTable } from './text-table';

/** Both edges of the day, quarter and half hours, and zones that broke schedulers before. */
const SHOWN = [
  'Pacific/Pago_Pago',
  'Pacific/Marquesas',
  'America/Los_Angeles',
  'America/New_York',
  'America/St_Johns',
  'America/Nuuk',
  'Africa/Casablanca',
  'Europe/Dublin',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** What the clocks on the walls of some zones showed at that instant, from west to east. */
export function clockTable(zones: Zones, at: Instant, deliveries: readonly Delivery[]): string[] {
  const rows = zonesToShow(zones)
    .map((zone) => ({ zone, offset: zones.offsetAt(zone, at) }))
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ zone, offset }) => {
      const there = deliveries.filter(({ timeZone }) => timeZone === zone);
      const sent = there.filter(({ outcome }) => outcome === 'sent');
      return [zone, clockAt(zones, zone, at), formatOffset(offset), `${sent.length} of ${there.length}`];
    });
  return textTable(
    [
      { title: 'zone', align: 'left' },
      { title: 'the clock showed', align: 'left' },
      { title: 'offset', align: 'right' },
      { title: 'sent', align: 'right' },
    ],
    rows,
  );
}

function clockAt(zones: Zones, zone: string, at: Instant): string {
  const wall = zones.wallTimeAt(zone, at);
  return `${WEEKDAYS[weekdayOf(wall)]} ${formatWallTime(wall).replace('T', ' ')}`;
}

/** Zone data of one's own may know none of them: then as many of theirs, evenly spread. */
function zonesToShow(zones: Zones): readonly string[] {
  const known = SHOWN.filter((zone) => zones.has(zone));
  if (known.length > 0) return known;
  const names = zones.names();
  const step = Math.max(Math.ceil(names.length / SHOWN.length), 1);
  return names.filter((_, index) => index % step === 0);
}
