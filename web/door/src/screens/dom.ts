/** Makes elements with plain calls; no text is parsed as HTML, so no name can become markup. */

export type Child = Node | string | null | false;
type Listeners = { [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void };
export type Attributes = Listeners & { [name: string]: unknown };

/**
 * Make an element with attributes, listeners (`onclick` and the like) and children; false and null leave an attribute
 * out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

function setAttribute(element: HTMLElement, name: string, value: unknown): void {
  if (value === false || value === null || value === undefined) return;
  if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function append(element: Element, children: Child[]): void {
  for (const child of children) if (child !== null && child !== false) element.append(child);
}

export function replace(element: Element, ...children: Child[]): void {
  element.textContent = "";
  append(element, children);
}

const SVG = "http://www.w3.org/2000/svg";

// Stroked on a grid of 24.
const DRAWINGS = {
  check: "M4 13l5 5L20 6",
  again: "M12 7v6l4 2 M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18",
  cross: "M6 6l12 12 M18 6L6 18",
  question: "M8.5 9a3.5 3.5 0 1 1 5.2 3c-1.2.7-1.7 1.3-1.7 2.5 M12 18.5v.1",
  warning: "M12 4L2.5 20.5h19z M12 10v5 M12 17.6v.1",
  back: "M9 5L4 10l5 5 M4 10h10a5 5 0 0 1 0 10h-3",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13 M15.5 15.5L21 21",
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8 M12 2v2 M12 20v2 M2 12h2 M20 12h2 M5 5l1.4 1.4 M17.6 17.6L19 19 M5 19l1.4-1.4 M17.6 6.4L19 5",
  moon: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  menu: "M4 7h16 M4 12h16 M4 17h16",
  enter: "M14 4h5v16h-5 M3 12h12 M11 8l4 4-4 4",
  leave: "M10 4H5v16h5 M9 12h12 M17 8l4 4-4 4",
  addPerson: "M10 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8 M3 21c0-4 3-6.5 7-6.5s7 2.5 7 6.5 M19 5v6 M16 8h6",
  torch: "M13 2L5 13h6l-2 9 9-12h-6z",
  flip: "M4 9.5a8.5 8.5 0 0 1 15-2.5 M20 3v4.5h-4.5 M20 14.5a8.5 8.5 0 0 1-15 2.5 M4 21v-4.5h4.5",
  save: "M12 3v12 M7 10l5 5 5-5 M4 20h16",
  copy: "M9 9h11v11H9z M15 9V4H4v11h5",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4z M12 10.5a3 3 0 1 0 0 6a3 3 0 1 0 0-6",
} as const;

export type Drawing = keyof typeof DRAWINGS;

/** Make an icon; it stands beside words with the same meaning, so it is hidden from screen readers. */
export function icon(name: Drawing): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of [
    ["viewBox", "0 0 24 24"],
    ["class", "icon"],
    ["aria-hidden", "true"],
    ["focusable", "false"],
  ] as const)
    drawing.setAttribute(key, value);
  path.setAttribute("d", DRAWINGS[name]);
  drawing.append(path);
  return drawing;
}
