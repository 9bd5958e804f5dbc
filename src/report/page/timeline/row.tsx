import type { ComponentChildren, JSX } from 'preact';

interface RowProps {
  readonly kind: string;
  readonly name: ComponentChildren;
  readonly height: number;
  /** What the drawing says, for whoever does not see it; without it the drawing is left out for them. */
  readonly says?: string | undefined;
  readonly value?: ComponentChildren;
  readonly probe?: string;
  readonly children: ComponentChildren;
}

/** What is drawn over time, so that the page's script can make it wider and move it as one. */
export function Moving({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <svg class="moving" x="0%" width="100%" overflow="visible">
      {children}
    </svg>
  );
}

/** One row of the timeline: what it is, its drawing over time, and its figure. On a narrow screen the drawing takes a line of its own. */
export function Row({ kind, name, height, says, value, probe, children }: RowProps): JSX.Element {
  return (
    <div class={`row ${kind}`} {...(probe === undefined ? {} : { 'data-probe': probe })}>
      <div class="row-name">{name}</div>
      <div class="row-plot">
        <svg
          class="plot"
          width="100%"
          height={height}
          focusable="false"
          {...(says === undefined ? { 'aria-hidden': 'true' as const } : { role: 'img', 'aria-label': says })}
        >
          <Moving>{children}</Moving>
        </svg>
      </div>
      <div class="row-value">{value}</div>
    </div>
  );
}
