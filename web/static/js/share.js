// Offers the phone's own way to share, if there is one; the links beside it and the address work without it.
for (const button of document.querySelectorAll("[data-share]")) {
  const address = document.getElementById(button.dataset.share);
  address.addEventListener("focus", () => address.select());
  if (!navigator.share) continue;
  button.hidden = false;
  // Closing the phone's list of apps rejects the promise; that is not an error.
  button.addEventListener("click", () =>
    navigator.share({ title: button.dataset.title, url: address.value }).catch(() => {}),
  );
}
