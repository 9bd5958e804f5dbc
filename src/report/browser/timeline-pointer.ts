import type { Readout } from './readout.ts';
import { clampView, moveView, percentIn, zoomView, type Timeline } from './view.ts';

/** A shorter drag is a click. */
const DRAG_PX = 6;
const WHEEL_ZOOM = 1.0016;

interface Drag {
  readonly startMs: number;
  readonly startX: number;
  readonly touch: boolean;
}

/** The moment under the pointer, kept inside what is shown. */
function momentOf({ clientX }: MouseEvent, behind: HTMLElement, timeline: Timeline): number {
  const { left, width } = behind.getBoundingClientRect();
  const { fromMs, toMs } = timeline.view();
  const ms = fromMs + ((clientX - left) / width) * (toMs - fromMs);
  return Math.min(Math.max(ms, fromMs), toMs);
}

function isOver({ clientX }: MouseEvent, behind: HTMLElement): boolean {
  const { left, right } = behind.getBoundingClientRect();
  return clientX >= left && clientX <= right;
}

/** With Ctrl, or two fingers apart, the wheel zooms; sideways, or with Shift, it moves. Else it scrolls the page, as everywhere. */
export function listenToWheel(board: HTMLElement, behind: HTMLElement, timeline: Timeline): void {
  const listen = (event: WheelEvent): void => {
    const { deltaX, deltaY, ctrlKey, shiftKey } = event;
    const across = Math.abs(deltaX) > Math.abs(deltaY) ? deltaX : shiftKey ? deltaY : 0;
    if (!ctrlKey && across === 0) return;
    event.preventDefault();
    const { whole } = timeline;
    timeline.show(
      ctrlKey
        ? zoomView(timeline.view(), momentOf(event, behind, timeline), WHEEL_ZOOM ** deltaY, whole)
        : moveView(timeline.view(), across / behind.clientWidth, whole),
    );
  };
  board.addEventListener('wheel', listen, { passive: false });
}

/** A mouse drags over a stretch to zoom into it; a finger moves the stretch, and scrolls the page as ever up and down. */
export function listenToPointer(
  board: HTMLElement,
  behind: HTMLElement,
  timeline: Timeline,
  readout: Readout,
): void {
  const chosen = document.createElement('div');
  chosen.className = 'chosen';
  chosen.hidden = true;
  behind.append(chosen);
  let drag: Drag | undefined;

  const choose = (from: number, to: number): void => {
    chosen.hidden = false;
    const [start, end] = [percentIn(timeline.view(), from), percentIn(timeline.view(), to)];
    chosen.style.left = `${Math.min(start, end)}%`;
    chosen.style.width = `${Math.abs(end - start)}%`;
  };
  const drop = (): void => {
    drag = undefined;
    chosen.hidden = true;
  };

  board.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !isOver(event, behind)) return;
    drag = {
      startMs: momentOf(event, behind, timeline),
      startX: event.clientX,
      touch: event.pointerType === 'touch',
    };
    // A drag that ends outside must end all the same.
    if (!drag.touch) board.setPointerCapture(event.pointerId);
  });
  board.addEventListener('pointermove', (event) => {
    const ms = momentOf(event, behind, timeline);
    if (drag === undefined) {
      if (isOver(event, behind)) readout.show(event, ms, timeline.view());
      else readout.hide();
      return;
    }
    if (Math.abs(event.clientX - drag.startX) < DRAG_PX) return;
    readout.hide();
    if (!drag.touch) choose(drag.startMs, ms);
    else {
      const { fromMs, toMs } = timeline.view();
      const by = drag.startMs - ms;
      timeline.show(clampView({ fromMs: fromMs + by, toMs: toMs + by }, timeline.whole));
    }
  });
  board.addEventListener('pointerup', (event) => {
    if (drag !== undefined && !drag.touch && Math.abs(event.clientX - drag.startX) >= DRAG_PX) {
      const [from, to] = [drag.startMs, momentOf(event, behind, timeline)];
      timeline.show(clampView({ fromMs: Math.min(from, to), toMs: Math.max(from, to) }, timeline.whole));
    }
    drop();
  });
  board.addEventListener('pointercancel', drop);
  board.addEventListener('pointerleave', () => readout.hide());
  board.addEventListener('dblclick', () => timeline.show(timeline.whole));
}
