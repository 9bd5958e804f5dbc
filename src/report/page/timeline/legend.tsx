import type { JSX } from 'preact';

const WIDTH = 26;

/** What each shape of the timeline stands for. */
export function Legend(): JSX.Element {
  const key = (says: string, shape: JSX.Element): JSX.Element => (
    <li>
      <svg width={WIDTH} height="16" aria-hidden="true" focusable="false">
        {shape}
      </svg>
      {says}
    </li>
  );
  const sign = (kind: string, d: string): JSX.Element => (
    <svg class={`change ${kind}`} x={WIDTH / 2} y="8" overflow="visible">
      <path d={d} />
    </svg>
  );
  return (
    <ul class="legend" aria-label="Legend">
      {key('up', <rect class="up" y="6" width={WIDTH} height="4" />)}
      {key('down', <rect class="down" y="1" width={WIDTH} height="14" />)}
      {key('an edge lies in here', <rect class="unsure" y="1" width={WIDTH} height="14" />)}
      {key('unseen', <rect class="unseen" x="1" y="1" width={WIDTH - 2} height="14" />)}
      {key('prober impaired', <rect class="impaired" y="7" width={WIDTH} height="3" />)}
      {key(
        'latency of good answers, 0.1 ms to 10 s',
        <path class="envelope-key" d="M0 13L6 9L11 11L17 4L26 10V15H0Z" />,
      )}
      {key('fault held', <rect class="band" width={WIDTH} height="16" />)}
      {key('leader or address moved', sign('moved', 'M0 -6.5L6.5 0L0 6.5L-6.5 0Z'))}
      {key('went', sign('went', 'M-4.5 -4L4.5 -4L0 4.5Z'))}
      {key('came back', sign('back', 'M-4.5 4L4.5 4L0 -4.5Z'))}
    </ul>
  );
}
