/** A stretch of the run, in milliseconds since its start. */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A timeline that can be looked into. */
export interface Timeline {
  readonly whole: View;
  view(): View;
  /** Shows another stretch at the next frame. */
  show(view: View): void;
}

/** Below this there is nothing more to see: edges are no finer. */
const SHORTEST_MS = 20;

/** Keeps a stretch inside the whole, without changing its length where it fits. */
export function clampView({ fromMs, toMs }: View, whole: View): View {
  const longest = whole.toMs - whole.fromMs;
  const length = Math.min(longest, Math.max(Math.min(SHORTEST_MS, longest), toMs - fromMs));
  const start = Math.min(Math.max(fromMs, whole.fromMs), whole.toMs - length);
  return { fromMs: start, toMs: start + length };
}

/** Makes the stretch `times` as long, so that `aroundMs` stays where it is. */
export function zoomView(view: View, aroundMs: number, times: number, whole: View): View {
  return clampView(
    {
      fromMs: aroundMs - (aroundMs - view.fromMs) * times,
      toMs: aroundMs + (view.toMs - aroundMs) * times,
    },
    whole,
  );
}

/** Moves the stretch by a share of its own length. */
export function moveView({ fromMs, toMs }: View, share: number, whole: View): View {
  const by = (toMs - fromMs) * share;
  return clampView({ fromMs: fromMs + by, toMs: toMs + by }, whole);
}

export const percentIn = ({ fromMs, toMs }: View, ms: number): number =>
  ((ms - fromMs) / (toMs - fromMs)) * 100;
