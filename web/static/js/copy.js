/** Copies a text to the clipboard; without a script, or if that is refused, the text can be selected. */
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  if (!text || !navigator.clipboard) continue;
  const words = button.textContent;
  let timer = 0;
  button.hidden = false;
  button.addEventListener("click", async () => {
    clearTimeout(timer);
    try {
      await navigator.clipboard.writeText(text.value ?? text.textContent.trim());
      button.textContent = button.dataset.done;
    } catch {
      button.textContent = button.dataset.refused;
    }
    timer = setTimeout(() => (button.textContent = words), 2000);
  });
}
