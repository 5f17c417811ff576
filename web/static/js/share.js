// Offers the phone's own way to share, where there is one; the address to copy is there without it.
const button = document.getElementById("share-button");
const address = document.getElementById("share-address");
if (button && address) {
  address.addEventListener("focus", () => address.select());
  if (navigator.share) {
    button.hidden = false;
    // Closing the phone's list of apps rejects the promise; that is no fault.
    button.addEventListener("click", () => navigator.share({ title: button.dataset.title, url: address.value }).catch(() => {}));
  }
}
