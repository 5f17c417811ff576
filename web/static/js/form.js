// Offers the address that was probably meant ("gmail.con: did you mean gmail.com?"). Never changes what was typed.
const KNOWN = [
  "gmail.com",
  "mail.ru",
  "yandex.ru",
  "yahoo.com",
  "inbox.ru",
  "list.ru",
  "bk.ru",
  "icloud.com",
  "outlook.com",
  "hotmail.com",
  "rambler.ru",
];
const REAL = ["mail.com", "email.com", "ymail.com", "gmx.com", "mail.tj", "ok.ru", "vk.ru"];

function isOneSlip(typed, meant) {
  if (typed === meant || Math.abs(typed.length - meant.length) > 1) return false;
  let start = 0;
  while (start < typed.length && typed[start] === meant[start]) start++;
  const [rest, wanted] = [typed.slice(start), meant.slice(start)];
  const isSwap = rest[0] === wanted[1] && rest[1] === wanted[0] && rest.slice(2) === wanted.slice(2);
  return isSwap || rest.slice(1) === wanted.slice(1) || rest.slice(1) === wanted || rest === wanted.slice(1);
}

// A pressed button takes the focus from the field, and an offer that appeared or vanished now would move the button
// away from under the finger, which then presses nothing. On touch the press ends before the click is sent.
let released = Promise.resolve();
document.addEventListener(
  "pointerdown",
  () => {
    released = new Promise((done) => {
      for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, done, { once: true });
    });
  },
  true,
);

async function whenNothingIsPressed(act) {
  await released;
  setTimeout(act);
}

const field = document.getElementById("email");
const offer = document.getElementById("email-offer");
const kept = document.getElementById("email-kept");
if (field && offer) {
  const button = offer.querySelector("button");
  const look = () => {
    const [name, domain = ""] = field.value.trim().toLowerCase().split("@");
    const meant =
      KNOWN.includes(domain) || REAL.includes(domain) ? undefined : KNOWN.find((known) => isOneSlip(domain, known));
    offer.hidden = !meant;
    // An address that is sent in spite of the offer here is not questioned again by the server.
    kept.value = meant ? field.value : "";
    // If the server made the offer, the button sends its value, and the form with it.
    button.value = button.textContent = meant ? `${name}@${meant}` : "";
  };
  field.addEventListener("change", () => whenNothingIsPressed(look));
  button.addEventListener("click", () => {
    field.value = button.textContent;
    offer.hidden = true;
    field.focus();
  });
}
