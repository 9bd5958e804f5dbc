import { traceOf } from '../match-trace.ts';
import type { PageData } from '../page/page-data-shape.ts';

function line(list: HTMLElement, title: string, ...parts: readonly (string | Node)[]): void {
  const term = document.createElement('dt');
  term.textContent = title;
  const text = document.createElement('dd');
  text.append(...parts);
  list.append(term, text);
}

function code(text: string): HTMLElement {
  const element = document.createElement('code');
  element.textContent = text;
  return element;
}

function fill(panel: HTMLElement, figure: HTMLDataElement, traces: PageData['traces']): void {
  const pointer = figure.dataset.at ?? '';
  const trace = traceOf(traces, pointer);
  const title = document.createElement('h2');
  title.id = 'trace-title';
  title.textContent = figure.textContent;
  const list = document.createElement('dl');
  line(list, 'Exactly', code(figure.value));
  line(list, 'In report.json', code(pointer));
  if (trace !== undefined) {
    line(list, 'Computed from', ...trace.files.flatMap((file, index) => [index > 0 ? ' ' : '', code(file)]));
    line(list, 'How', trace.how);
  }
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = '✕';
  close.setAttribute('aria-label', 'Close');
  panel.replaceChildren(title, list, close);
}

/** Numbers are many, so Tab passes over them until it is asked not to. */
function addSwitch(figures: readonly HTMLDataElement[]): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Reach numbers with Tab';
  button.setAttribute('aria-pressed', 'false');
  button.className = 'reach';
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(on));
    for (const figure of figures) {
      if (on) figure.setAttribute('role', 'button');
      else figure.removeAttribute('role');
      if (on) figure.tabIndex = 0;
      else figure.removeAttribute('tabindex');
    }
  });
  document.querySelector('nav')?.append(button);
}

/** A click on a number, or Enter, says where it stands in `report.json`, from which files it was computed, and how. */
export function openTraces({ traces }: PageData): void {
  const figures = [...document.querySelectorAll<HTMLDataElement>('data[data-at]')];
  const panel = document.createElement('aside');
  panel.className = 'trace';
  panel.hidden = true;
  panel.setAttribute('role', 'dialog');
  panel.setAttribute('aria-labelledby', 'trace-title');
  document.body.append(panel);
  let shown: HTMLDataElement | undefined;
  const hide = (): void => {
    if (panel.contains(document.activeElement)) shown?.focus();
    shown = undefined;
    panel.hidden = true;
  };
  const show = (figure: HTMLDataElement, byKey: boolean): void => {
    shown = figure;
    fill(panel, figure, traces);
    panel.hidden = false;
    panel.querySelector('button')?.addEventListener('click', hide);
    if (byKey) panel.querySelector('button')?.focus();
  };
  const figureOf = (target: EventTarget | null): HTMLDataElement | undefined =>
    (target instanceof Element ? target.closest<HTMLDataElement>('data[data-at]') : null) ?? undefined;
  document.addEventListener('click', (event) => {
    const figure = figureOf(event.target);
    if (figure !== undefined) show(figure, false);
    else if (event.target instanceof Node && !panel.contains(event.target)) hide();
  });
  document.addEventListener('keydown', (event) => {
    const figure = figureOf(event.target);
    if (event.key === 'Escape' && !panel.hidden) hide();
    if (figure === undefined || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    show(figure, true);
  });
  addSwitch(figures);
}
