/** The one sheet that may cover the scanner, and the focus after it closes. */

export class Sheets {
  readonly #container: HTMLElement;
  readonly #onToggle: (isOpen: boolean) => void;
  #current: HTMLDialogElement | null = null;
  /** The action of the button that opened the first of several sheets; it may have been redrawn since. */
  #opener = "";

  constructor(container: HTMLElement, onToggle: (isOpen: boolean) => void) {
    this.#container = container;
    this.#onToggle = onToggle;
  }

  /** Show a sheet in place of the open one. */
  open(sheet: HTMLDialogElement): void {
    if (!this.#current) this.#opener = document.activeElement?.getAttribute("data-action") ?? "";
    this.close();
    this.#current = sheet;
    this.#onToggle(true);
    this.#container.append(sheet);
    sheet.addEventListener("close", () => this.#onClose(sheet));
    sheet.showModal();
    // Not into every field: on a phone its keyboard would cover half of the sheet.
    sheet.querySelector<HTMLElement>("input[type=search], :scope > button, :scope > :not(header) button")?.focus();
  }

  close(): void {
    this.#current?.close();
  }

  #onClose(sheet: HTMLDialogElement): void {
    sheet.remove();
    if (this.#current !== sheet) return;
    this.#current = null;
    this.#onToggle(false);
    focusOn(this.#container, this.#opener);
  }
}

/** Focus the button of an action, where there is one. */
export function focusOn(container: HTMLElement, action: string): void {
  if (action) container.querySelector<HTMLElement>(`[data-action=${action}]`)?.focus();
}
