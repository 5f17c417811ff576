/** The one sheet that may cover the scanner, and where the keyboard goes when it is closed. */

export class Sheets {
  private current: HTMLDialogElement | null = null;
  /** What opened the first of several sheets, by its action: it may have been drawn anew since. */
  private opener = "";

  constructor(
    private readonly container: HTMLElement,
    private readonly onToggle: (isOpen: boolean) => void,
  ) {}

  /** Show a sheet in place of the one that is open. */
  open(sheet: HTMLDialogElement): void {
    if (!this.current) this.opener = document.activeElement?.getAttribute("data-action") ?? "";
    this.close();
    this.current = sheet;
    this.onToggle(true);
    this.container.append(sheet);
    sheet.addEventListener("close", () => this.onClose(sheet));
    sheet.showModal();
    // Not into any field: on a phone its keyboard would cover half of the sheet.
    sheet.querySelector<HTMLElement>("input[type=search], :scope > button, :scope > :not(header) button")?.focus();
  }

  close(): void {
    this.current?.close();
  }

  private onClose(sheet: HTMLDialogElement): void {
    sheet.remove();
    if (this.current !== sheet) return;
    this.current = null;
    this.onToggle(false);
    focusOn(this.container, this.opener);
  }
}

/** Give the keyboard to the button of an action, where there is one. */
export function focusOn(container: HTMLElement, action: string): void {
  if (action) container.querySelector<HTMLElement>(`[data-action=${action}]`)?.focus();
}
