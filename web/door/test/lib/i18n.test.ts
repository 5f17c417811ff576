import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { readPo } from "../../scripts/messages.mjs";
import { type Language, loadCatalogues, speak, t, textIn, tn } from "../../src/lib/i18n.ts";
import type { Texts } from "../../src/lib/types.ts";
import { vectors } from "../support/vectors.ts";

afterEach(() => speak("en"));

const EN = `
msgid "hall.close"
msgstr "Close"

msgid "hall.names"
msgid_plural "hall.names"
msgstr[0] "%(n)s name"
msgstr[1] "%(num)s names"
`;
const RU = `
msgid "hall.come_in"
msgstr ""
"Прохо"
"дите"

msgid "hall.names"
msgid_plural "hall.names"
msgstr[0] "%(n)s имя"
msgstr[1] "%(n)s имени"
msgstr[2] "%(n)s имён"

#, fuzzy
msgid "hall.close"
msgstr "Закрыто?"

msgid "hall.more"
msgstr ""
`;
const en = Object.fromEntries(readPo(EN));
const ru = Object.fromEntries(readPo(RU));

test("a catalogue speaks, what it lacks is said in English, and what no catalogue has by its id", () => {
  loadCatalogues({ en, ru });
  speak("ru");
  assert.equal(t("hall.come_in"), "Проходите");
  assert.equal(t("hall.close"), "Close");
  assert.equal(t("hall.more"), "hall.more");
  assert.deepEqual(
    [1, 2, 5, 11, 21, 112].map((n) => tn("hall.names", n)),
    ["1 имя", "2 имени", "5 имён", "11 имён", "21 имя", "112 имён"],
  );
});

test("what is counted in another language than its own is counted by that language's rule", () => {
  loadCatalogues({ en, ru: {} });
  speak("ru");
  assert.deepEqual(
    [0, 1, 2, 21].map((n) => tn("hall.names", n)),
    ["0 names", "1 name", "2 names", "21 names"],
  );
});

interface Choice {
  about: string;
  spoken: Language;
  languages: string[];
  texts: Texts;
  said: string;
}

for (const { about, spoken, languages, texts, said } of vectors<Choice>("text_vectors.json"))
  test(`a text of an event: ${about}`, () => {
    speak(spoken);
    assert.equal(textIn(texts, { languages }), said);
  });

test("of a pass that an earlier version of the scanner kept the event's languages are not known", () => {
  speak("tg");
  assert.equal(textIn({ ru: "Зал", en: "Hall" }, {}), "Hall");
});
