import type { JSX } from 'preact';

const HATCHED = { width: '5', height: '5', patternUnits: 'userSpaceOnUse' } as const;

function Hatching({ id, ink, width }: { id: string; ink: string; width: string }): JSX.Element {
  return (
    <pattern id={id} {...HATCHED} patternTransform="rotate(45)">
      <rect width={width} height="5" class={ink} />
    </pattern>
  );
}

/** Patterns that stand for what is not sure, not seen or impaired: shapes, so that colour is not the only carrier. */
export function Patterns(): JSX.Element {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">
      <defs>
        <Hatching id="unsure" ink="ink-down" width="2.2" />
        <Hatching id="unsure-fault" ink="ink-fault" width="1.5" />
        <Hatching id="unsure-soft" ink="ink-soft" width="1.5" />
        <pattern id="unseen" width="6" height="6" patternUnits="userSpaceOnUse">
          <circle cx="3" cy="3" r="1.1" class="ink-unseen" />
        </pattern>
        <pattern id="impaired" width="6" height="3" patternUnits="userSpaceOnUse">
          <rect width="3" height="3" class="ink-unseen" />
        </pattern>
      </defs>
    </svg>
  );
}
