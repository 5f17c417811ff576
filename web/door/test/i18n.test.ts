import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { readPo } from "../scripts/messages.mjs";
import { loadCatalogues, speak, t, textIn, tn, type Language } from "../src/i18n.ts";
import type { Texts } from "../src/types.ts";
import { vectors } from "./vectors.ts";

afterEach(() => speak("en"));

const RU = `
msgid "Come in"
msgstr ""
"Прохо"
"дите"

#, python-format
msgid "%(n)s name"
msgid_plural "%(n)s names"
msgstr[0] "%(n)s имя"
msgstr[1] "%(n)s имени"
msgstr[2] "%(n)s имён"

#, fuzzy
msgid "Search"
msgstr "Найти?"

msgid "More"
msgstr ""
`;

test("a catalogue speaks, and what it lacks stays English", () => {
  loadCatalogues({ ru: Object.fromEntries(readPo(RU)) });
  speak("ru");
  assert.equal(t("Come in"), "Проходите");
  assert.equal(t("Search"), "Search");
  assert.equal(t("More"), "More");
  assert.deepEqual([1, 2, 5, 11, 21, 112].map((n) => tn("%(n)s name", "%(n)s names", n)), ["1 имя", "2 имени", "5 имён", "11 имён", "21 имя", "112 имён"]);
});

test("English has its two forms without a catalogue", () => {
  assert.deepEqual([0, 1, 2].map((n) => tn("%(n)s name", "%(n)s names", n)), ["0 names", "1 name", "2 names"]);
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
