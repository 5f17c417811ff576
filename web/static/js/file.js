/** Shows how much of a file has arrived (`data-file`, a form). Without a script the browser saves it alone. */

const form = document.querySelector("form[data-file]");
const button = form.querySelector("[type=submit]");
const box = document.getElementById("file-coming");
const said = document.getElementById("file-said");
const megabytes = new Intl.NumberFormat([document.documentElement.lang, "ru"], {
  maximumFractionDigits: 1,
  minimumFractionDigits: 1,
});
const MEGABYTE = 1_000_000;
const KEPT_MS = 60_000;

function size(words, bytes) {
  return words.replace("{size}", megabytes.format(bytes / MEGABYTE));
}

/** Returns the pieces of a response, and shows their size as they arrive. */
async function pieces(response) {
  const reader = response.body.getReader();
  const words = box.querySelector("span");
  const all = [];
  let bytes = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    all.push(piece.value);
    bytes += piece.value.length;
    words.textContent = size(words.dataset.words, bytes);
  }
  said.textContent = size(said.dataset.done, bytes);
  return all;
}

function save(all, response) {
  const [, name] = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(all, { type: response.headers.get("Content-Type") }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

async function fetchFile() {
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  // A response that is not a file is a page that says why: the browser shows it.
  if (response.ok) save(await pieces(response), response);
  else form.submit();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  button.disabled = true;
  box.hidden = false;
  try {
    await fetchFile();
  } catch {
    said.textContent = said.dataset.broken;
  }
  box.hidden = true;
  button.disabled = false;
});
